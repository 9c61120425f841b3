import { AppError, type ModelClient, type RequestContext } from '@guildhall/sdk';
import type { Accounts } from '../accounting/accounts.js';
import type { ProviderTestDto } from '../provider-view.dto.js';
import type { ProviderConnection } from './provider-connection.js';
import { sayOk } from './say-ok.js';
import type { CallServices } from './routed-call.js';

/** It is booked like any other call. */
async function testEndpoint(
  ctx: RequestContext,
  connection: ProviderConnection,
  client: ModelClient,
  accounts: Accounts,
): Promise<void> {
  const { signal } = ctx;
  const model = await connection.resolveDefaultModel(client, signal);
  const account = accounts.open(ctx, {}, connection, model);
  try {
    const { onBegin, onUsage } = account;
    account.succeeded((await sayOk(connection, client, { signal, onBegin, onUsage })).usage);
    connection.heard();
  } catch (error) {
    account.failed(error);
    if (!signal.aborted) connection.heard(error);
    throw error;
  }
}

/** One small call of each endpoint, past the breaker, the ranking and the budgets: it asks whether the configuration works. */
export async function tryProvider(
  ctx: RequestContext,
  connection: ProviderConnection,
  { clock, accounts }: Pick<CallServices, 'clock' | 'accounts'>,
): Promise<ProviderTestDto> {
  const { signal } = ctx;
  const began = clock.now();
  const outcome = () => ({
    provider: connection.config.id,
    model: connection.defaultModel ?? null,
    latencyMs: Math.round(clock.now() - began),
  });
  try {
    for (const { client } of connection.endpoints) await testEndpoint(ctx, connection, client, accounts);
    return { ok: true, ...outcome() };
  } catch (error) {
    if (signal.aborted || !AppError.is(error)) throw error;
    return { ok: false, ...outcome(), error: { code: error.code, message: error.message } };
  }
}
