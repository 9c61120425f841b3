import { malformed } from '../ai-sdk/failure.js';
import { KeyEcho } from '../ai-sdk/key-echo.js';
import type { AdapterSettings } from '../ai-sdk/vendor.js';
import { refusal } from './forward/refusal.js';

/** Of a refusal: enough for its code. */
const MAX_REFUSAL = 64 * 1024;
const NOT_THERE: ReadonlySet<number> = new Set([404, 405, 501]);

/** A request to one of the endpoint's paths beside chat. Throws what it refused with. */
export async function post(
  provider: string,
  { baseURL, apiKey, fetch }: AdapterSettings,
  path: string,
  { headers = {}, ...init }: { body: FormData | string; headers?: Record<string, string>; signal: AbortSignal },
): Promise<Response> {
  const response = await fetch(`${baseURL}/${path}`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${apiKey}`, 'user-agent': 'guildhall' },
    ...init,
  });
  if (response.ok) return response;
  const said = (await response.text()).slice(0, MAX_REFUSAL);
  // An endpoint without such a path is a healthy one: what it says of it must not count against it.
  const status = NOT_THERE.has(response.status) ? 404 : response.status;
  const words = new KeyEcho(apiKey).isIn(Buffer.from(said)) ? '' : said;
  throw refusal(provider, status, Object.fromEntries(response.headers), words);
}

export async function jsonOf(provider: string, response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformed(provider, 'cannot be understood');
  }
}
