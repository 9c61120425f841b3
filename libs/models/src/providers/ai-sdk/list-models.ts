import type { ProviderModel } from '@guildhall/sdk';
import { malformed, refused } from './failure.js';
import { retryAfterMs } from './retry-after.js';
import type { AdapterSettings } from './vendor.js';

const TIMEOUT_MS = 5_000;
/** Google puts this before its models' names. */
const NAME_PREFIX = /^models\//;

type Fields = Readonly<Record<string, unknown>>;

/** `GET /models` of a vendor, in its order. It costs nothing, and most refuse it without a valid key. */
export async function listModels(
  provider: string,
  { baseURL, fetch }: AdapterSettings,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ProviderModel[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const response = await fetch(`${baseURL}/models`, { headers, signal: limit });
  const text = await response.text();
  if (!response.ok) {
    const waitMs = retryAfterMs(Object.fromEntries(response.headers), text);
    // Not built is not broken.
    throw refused(provider, response.status === 501 ? 404 : response.status, waitMs);
  }
  return modelsIn(parsed(text)) ?? fail(provider);
}

/** OpenAI and Anthropic say `data` and `id`, Google `models` and `name`; some send the bare list. */
function modelsIn(body: unknown): ProviderModel[] | undefined {
  const { data, models } = (body ?? {}) as Fields;
  const list = [body, data, models].find(Array.isArray) as (Fields | null)[] | undefined;
  return list?.flatMap((model) => {
    const name = model?.['id'] ?? model?.['name'];
    return typeof name === 'string' ? [{ name: name.replace(NAME_PREFIX, '') }] : [];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fail(provider: string): never {
  throw malformed(provider, 'lists no models');
}
