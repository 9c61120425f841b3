import { AppError, type RequestContext } from '@guildhall/sdk';
import type { Clock } from '../clock.js';
import type { ProviderTestDto } from '../provider-view.dto.js';
import type { ProviderConnection } from './provider-connection.js';

/** One small call, past the breaker and the ranking: it asks whether the configuration works. */
export async function tryProvider(
  ctx: RequestContext,
  connection: ProviderConnection,
  clock: Clock,
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
    await connection.client.generate({
      model,
      messages: [{ role: 'user', text: 'Say OK.' }],
      maxOutputTokens: 16,
      signal,
    });
    return { ok: true, ...outcome() };
  } catch (error) {
    if (signal.aborted || !AppError.is(error)) throw error;
    return { ok: false, ...outcome(), error: { code: error.code, message: error.message } };
  }
}
