import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { AppError } from '@guildhall/sdk';
import { decoded, isBodiless } from './outbound-body.js';
import type { OutboundGuard, Trust } from './outbound-guard.js';
import { type Answer, discard, exchange } from './outbound-redirects.js';
import type { ChooseJudge, Judge } from './outbound-judge.js';
import type { ReceivedBody } from './received-body.js';

type Fetch = typeof globalThis.fetch;

const MAX_JSON_BYTES = 32 * 1024 * 1024;

/**
 * A `fetch` made of undici's dispatcher, at a third of the cost of the real one: what vendors' SDKs use of it, not all.
 * No time limit of its own, so that a model may take its time; the caller's signal decides.
 */
export function outboundFetch(dispatcher: Dispatcher, guard: OutboundGuard, trust: Trust, choose?: ChooseJudge): Fetch {
  return async (input, init) => {
    const plain = input instanceof Request || !isPlainBody(init?.body) ? await spelledOut(input, init) : undefined;
    const signal = init?.signal ?? (input instanceof Request ? input.signal : null);
    signal?.throwIfAborted();
    const body = plain?.body ?? (init?.body as string | Uint8Array | null | undefined) ?? undefined;
    const method = (plain?.method ?? init?.method ?? 'GET').toUpperCase();
    const answer = await exchange(dispatcher, guard, trust, plain?.url ?? String(input), {
      method,
      headers: headersOf(plain?.headers ?? init?.headers),
      signal,
      ...(body === undefined ? {} : { body }),
    }).catch(failed(signal));
    const { statusCode: status, headers } = answer;
    if (isBodiless(method, status)) {
      await discard(answer);
      return new Response(null, { status, headers: responseHeaders(headers) });
    }
    const content = await contentOf(answer, choose).catch(failed(signal));
    return new Response(content, { status, headers: responseHeaders(headers) });
  };
}

/** As the real one says it; SDKs look for these words. */
function failed(signal: AbortSignal | null): (error: unknown) => never {
  return (error) => {
    throw AppError.is(error) || signal?.aborted ? error : new TypeError('fetch failed', { cause: error });
  };
}

interface PlainRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
}

/** Forms, blobs and streams: rare, so the platform's own `Request` reads them. */
async function spelledOut(input: Parameters<Fetch>[0], init: RequestInit | undefined): Promise<PlainRequest> {
  const request = new Request(input, { ...init, ...(init?.body ? { duplex: 'half' } : {}) } as RequestInit);
  const body = request.body ? new Uint8Array(await request.arrayBuffer()) : undefined;
  return { url: request.url, method: request.method, headers: request.headers, body };
}

function isPlainBody(body: unknown): boolean {
  return body === undefined || body === null || typeof body === 'string' || ArrayBuffer.isView(body);
}

function headersOf(init: RequestInit['headers']): Record<string, string> {
  const entries = init === undefined ? [] : Symbol.iterator in init ? [...init] : Object.entries(init);
  const headers: Record<string, string> = {};
  for (const [name, value] of entries as [string, string][]) headers[name] = value;
  return headers;
}

function responseHeaders(raw: Dispatcher.ResponseData['headers']): [string, string][] {
  const dropped = new Set(['set-cookie', 'content-encoding', ...(raw['content-encoding'] ? ['content-length'] : [])]);
  return Object.entries(raw).flatMap(([name, value]) => {
    if (value === undefined || dropped.has(name)) return [];
    return [[name, Array.isArray(value) ? value.join(', ') : value] satisfies [string, string]];
  });
}

/** A success in JSON comes whole, which spares two streams; all else as it arrives. */
async function contentOf(answer: Answer, choose?: ChooseJudge): Promise<Uint8Array | ReadableStream<Uint8Array>> {
  const { url, statusCode: status, headers, body } = answer;
  const judge = chosen(() => choose?.({ url, status, headers }), body);
  const { 'content-encoding': encoding, 'content-type': type } = headers;
  if (typeof encoding === 'string') {
    return Readable.toWeb(Readable.from(judged(decoded(Readable.from(body), encoding), judge)));
  }
  const isJson = status < 300 && typeof type === 'string' && type.startsWith('application/json');
  return isJson ? body.bytes(MAX_JSON_BYTES, judge) : body.stream(judge);
}

function chosen(choose: () => Judge | undefined, body: ReceivedBody): Judge | undefined {
  try {
    return choose();
  } catch (refusal) {
    body.abort();
    throw refusal;
  }
}

async function* judged(pieces: AsyncIterable<Uint8Array>, judge: Judge | undefined): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    const refusal = judge?.(piece);
    if (refusal) throw refusal;
    yield piece;
  }
}
