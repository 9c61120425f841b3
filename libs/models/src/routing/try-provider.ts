import { AppError, type RequestContext } from '@guildhall/sdk';
import type { ProviderTestDto } from '../provider-view.dto.js';
import type { ProviderConnection } from './provider-connection.js';
import type { CallServices } from './routed-call.js';

/** One small call, past the breaker, the ranking and the budgets: it asks whether the configuration works. */
export async function tryProvider(
  ctx: RequestContext,
  connection: ProviderConnection,
  { clock, accounts }: CallServices,
): Promise<ProviderTestDto> {
  const { signal } = ctx;
  const began = clock.now();
  const outcome = () => ({
    provider: connection.config.id,
    model: connection.defaultModel ?? null,
    latencyMs: Math.round(clock.now() - began),
  });
  try {
    const model = await connection.resolveDefaultModel(signal);
    const account = accounts.open(ctx, {}, connection, model);
    try {
      const { onBegin, onUsage } = account;
      const messages = [{ role: 'user', text: 'Say OK.' } as const];
      const call = { model, messages, maxOutputTokens: 16, signal, onBegin, onUsage };
      account.succeeded((await connection.client.generate(call)).usage);
    } catch (error) {
      account.failed(error);
      throw error;
    }
    return { ok: true, ...outcome() };
  } catch (error) {
    if (signal.aborted || !AppError.is(error)) throw error;
    return { ok: false, ...outcome(), error: { code: error.code, message: error.message } };
  }
}
