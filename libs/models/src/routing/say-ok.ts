import type { CallObserver, ModelClient } from '@guildhall/sdk';
import type { ProviderConnection } from './provider-connection.js';

export interface SmallCall extends CallObserver {
  readonly signal: AbortSignal;
}

/** The smallest call there is: whether a provider answers, and accepts its key. */
export async function sayOk(connection: ProviderConnection, client: ModelClient, call: SmallCall) {
  const model = await connection.resolveDefaultModel(client, call.signal);
  const messages = [{ role: 'user', text: 'Say OK.' } as const];
  return client.generate({ ...call, model, messages, maxOutputTokens: 16 });
}
