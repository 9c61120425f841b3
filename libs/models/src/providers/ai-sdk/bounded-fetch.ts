import { AppError, UpstreamError } from '@guildhall/sdk';
import { KeyEcho } from './key-echo.js';
import {
  MAX_ANSWER_BYTES,
  MAX_EVENT_BYTES,
  MAX_REFUSAL_BYTES,
  MAX_REPLY_BYTES,
  MAX_STREAM_BYTES,
} from './reply-limits.js';

type Fetch = typeof globalThis.fetch;

const NEWLINE = 10;
/** Where chat completions, messages, responses and Google's `generateContent` are asked for. */
const CHAT = /\/(?:chat\/completions|messages|responses)$|:generateContent$/;

/** A `fetch` whose bodies end in an error before they fill the memory, or repeat the API key. */
export function boundedFetch(fetch: Fetch, apiKey?: string): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!response.body) return response;
    const { status, headers } = response;
    if (!response.ok) return new Response(await beginning(response.body), { status, headers });
    const streamed = headers.get('content-type')?.includes('text/event-stream') ?? false;
    const most = streamed ? MAX_STREAM_BYTES : mostOf(input);
    if (Number(headers.get('content-length')) > most) {
      await response.body.cancel();
      throw tooLarge();
    }
    const judges = [totalJudge(most), ...(streamed ? [eventJudge()] : []), echoJudge(apiKey)];
    return new Response(judged(response.body, judges), { status, headers });
  };
}

function mostOf(input: Parameters<Fetch>[0]): number {
  const url = URL.parse(input instanceof Request ? input.url : String(input));
  return url && CHAT.test(url.pathname) ? MAX_REPLY_BYTES : MAX_ANSWER_BYTES;
}

/** Says what is wrong with the next bytes. */
type Judge = (bytes: Uint8Array) => UpstreamError | undefined;

function totalJudge(most: number): Judge {
  let total = 0;
  return (bytes) => ((total += bytes.length) > most ? tooLarge() : undefined);
}

function eventJudge(): Judge {
  let pending = 0;
  return (bytes) => {
    const first = bytes.indexOf(NEWLINE);
    const longest = pending + (first < 0 ? bytes.length : first);
    pending = first < 0 ? longest : bytes.length - bytes.lastIndexOf(NEWLINE) - 1;
    return longest > MAX_EVENT_BYTES || pending > MAX_EVENT_BYTES ? tooLarge() : undefined;
  };
}

function echoJudge(apiKey: string | undefined): Judge {
  const echo = new KeyEcho(apiKey);
  return (bytes) => (echo.isIn(bytes) ? keyRepeated() : undefined);
}

const tooLarge = () => new UpstreamError('provider_malformed_reply', 'The reply is too large');
const keyRepeated = () => new UpstreamError('provider_malformed_reply', 'The reply repeats the API key');

function judged(body: ReadableStream<Uint8Array>, judges: readonly Judge[]): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      const error = judges.map((judge) => judge(value)).find((found) => found !== undefined);
      if (error === undefined) return controller.enqueue(value);
      controller.error(error);
      await reader.cancel(error);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** The beginning of what a refusal says. Where that breaks off, the status is still an answer. */
async function beginning(body: ReadableStream<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    // Leaving the loop ends the stream.
    for await (const piece of body) {
      pieces.push(piece);
      if ((size += piece.length) > MAX_REFUSAL_BYTES) break;
    }
  } catch (error) {
    if (AppError.is(error)) throw error;
  }
  return Buffer.concat(pieces);
}
