import { AppError } from '@guildhall/sdk';
import { malformed, refused } from '../../ai-sdk/failure.js';
import { retryAfterMs } from '../../ai-sdk/retry-after.js';
import type { WireHeaders } from './post.js';
import { fieldsOf } from './wire-usage.js';

/** Words such as `context_length_exceeded`, places such as `messages[0].content`: too plain to hold a secret. */
const CODE = /^[a-z][a-z_]{1,50}$/;
const PLACE = /^[a-z][a-z_]{1,40}(?:\[\d{1,4}\]|\.[a-z][a-z_]{1,40}){0,6}$/;

/**
 * A vendor's refusal of a request that is the caller's own: what is wrong with it is the caller's to know. The vendor's
 * sentence is dropped all the same, for it may repeat the key.
 */
export function refusal(provider: string, status: number, headers: WireHeaders, body: string): AppError {
  if (status === 404) {
    const message = `Provider '${provider}' does not know this model or address: check the model name and the base URL`;
    return new AppError('not_found', 'provider_refused', message, { provider });
  }
  if (status < 300) return malformed(provider, 'cannot be understood');
  if (status !== 400 && status !== 413 && status !== 422) return refused(provider, status, retryAfterMs(headers, ''));
  const { code, param } = vendorsWords(body);
  const message = `Provider '${provider}' refused the request (${status}${code ? `, ${code}` : ''})`;
  const details = [{ path: param ?? '', code: code ?? 'provider_refused', message }];
  return new AppError('validation', code ?? 'provider_refused', message, { provider, details });
}

function vendorsWords(body: string): { code?: string; param?: string } {
  try {
    const { code, param } = fieldsOf(fieldsOf(JSON.parse(body))['error']);
    return {
      ...(typeof code === 'string' && CODE.test(code) ? { code } : {}),
      ...(typeof param === 'string' && PLACE.test(param) ? { param } : {}),
    };
  } catch {
    return {}; // the status says enough
  }
}
