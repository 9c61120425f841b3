import type { ProviderConfig, ProviderModel } from '@guildhall/sdk';
import { malformed } from './failure.js';

const TIMEOUT_MS = 5_000;

/** `GET /models` of an OpenAI-compatible endpoint, in its order. */
export async function listModels(
  config: ProviderConfig & { readonly baseUrl: string },
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<ProviderModel[]> {
  const response = await fetch(`${config.baseUrl.replace(/\/+$/, '')}/models`, {
    headers: config.apiKey === undefined ? {} : { authorization: `Bearer ${config.apiKey}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const body = (await response.json()) as { data?: { id?: unknown }[] } | null;
  if (!response.ok || !Array.isArray(body?.data)) throw malformed(config.id, 'lists no models');
  return body.data.flatMap(({ id }) => (typeof id === 'string' ? [{ name: id }] : []));
}
