import type { ProviderModel } from '@guildhall/sdk';
import { malformed } from '../ai-sdk/failure.js';
import type { AdapterSettings } from '../ai-sdk/vendor.js';

const TIMEOUT_MS = 5_000;

/** `GET /models` of an OpenAI-compatible endpoint, in its order. */
export async function listModels(
  provider: string,
  { baseURL, apiKey, fetch }: AdapterSettings,
  signal: AbortSignal,
): Promise<ProviderModel[]> {
  const response = await fetch(`${baseURL}/models`, {
    headers: { authorization: `Bearer ${apiKey}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const body = (await response.json()) as { data?: { id?: unknown }[] } | null;
  if (!response.ok || !Array.isArray(body?.data)) throw malformed(provider, 'lists no models');
  return body.data.flatMap(({ id }) => (typeof id === 'string' ? [{ name: id }] : []));
}
