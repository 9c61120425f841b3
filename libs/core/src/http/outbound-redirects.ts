import type { Dispatcher } from 'undici';
import { UpstreamError } from '@guildhall/sdk';
import { traceHeaders } from '../telemetry/trace.js';
import type { OutboundGuard, Trust } from './outbound-guard.js';
import { type Received, send } from './outbound-send.js';

const MAX_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** All that may go along to another origin: whatever else a caller set may be a credential. */
const HARMLESS = new Set(['accept', 'accept-encoding', 'accept-language', 'content-type', 'traceparent', 'user-agent']);

/** Of one connection, and so the client's own business. */
const HOP_BY_HOP =
  /^(?:host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect|proxy-.*)$/;

type Headers = Readonly<Record<string, string>>;

export interface Exchange {
  readonly method: string;
  readonly headers: Headers;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal | null;
}

export interface Answer extends Received {
  readonly url: URL;
}

/**
 * Sends a request, in the trace that it belongs to where it names no other, and follows up to three redirects; every hop is
 * judged like a first request.
 */
export async function exchange(
  dispatcher: Dispatcher,
  guard: OutboundGuard,
  trust: Trust,
  address: string,
  request: Exchange,
): Promise<Answer> {
  let url = guard.checkUrl(address, trust);
  let current: Exchange = { ...request, headers: { ...traceHeaders(), ...sendable(request.headers) } };
  for (let hop = 0; ; hop++) {
    const { method, headers, body = null, signal } = current;
    const { origin, pathname, search } = url;
    const answer = await send(dispatcher, { origin, path: pathname + search, method, headers, body }, signal);
    const location = answer.headers.location;
    if (!REDIRECTS.has(answer.statusCode) || typeof location !== 'string') return { ...answer, url };
    await discard(answer);
    if (hop === MAX_REDIRECTS) {
      throw new UpstreamError('outbound_failed', 'The server redirects too often', { retryable: false });
    }
    const next = guard.checkUrl(URL.parse(location, url.href)?.href ?? location, trust);
    current = redirected(current, answer.statusCode, next.origin === url.origin);
    url = next;
  }
}

function redirected(request: Exchange, status: number, sameOrigin: boolean): Exchange {
  const toGet = status === 303 ? request.method !== 'HEAD' : status < 303 && request.method === 'POST';
  const { body, ...rest } = request;
  const kept = Object.entries(request.headers).filter(([name]) => {
    return (sameOrigin || HARMLESS.has(name)) && !(toGet && name.startsWith('content-'));
  });
  const headers = Object.fromEntries(kept);
  return toGet ? { ...rest, method: 'GET', headers } : { ...rest, headers, ...(body === undefined ? {} : { body }) };
}

function sendable(headers: Headers): Headers {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(named.filter(([name]) => !HOP_BY_HOP.test(name)));
}

/** A short body is read so that the connection can be used again; a long one costs the connection. */
export async function discard({ body }: Received): Promise<void> {
  await body.bytes(16_384).catch(() => undefined);
}
