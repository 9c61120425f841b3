import type { ChooseJudge, Judge, OutboundClient } from '@guildhall/core';
import { AppError, type ProviderConfig, UpstreamError } from '@guildhall/sdk';
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
export function boundedFetch(outbound: OutboundClient, { trust = 'tenant', timeouts, apiKey }: ProviderConfig): Fetch {
  const connectMs = timeouts?.connectMs;
  const judge = judgeOf(apiKey);
  const fetch = outbound.fetch(trust, connectMs === undefined ? { judge } : { judge, connectMs });
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.ok || !response.body) return response;
    const { status, headers } = response;
    return new Response(await beginning(response.body), { status, headers });
  };
}

function judgeOf(apiKey: string | undefined): ChooseJudge {
  return ({ url, status, headers }) => {
    if (status >= 300) return () => undefined;
    const streamed = headers['content-type']?.includes('text/event-stream') ?? false;
    const most = streamed ? MAX_STREAM_BYTES : mostOf(url);
    if (Number(headers['content-length']) > most) throw tooLarge();
    const judges = [totalJudge(most), ...(streamed ? [eventJudge()] : []), echoJudge(apiKey)];
    return (piece) => judges.map((judge) => judge(piece)).find((refusal) => refusal !== undefined);
  };
}

const mostOf = ({ pathname }: URL): number => (CHAT.test(pathname) ? MAX_REPLY_BYTES : MAX_ANSWER_BYTES);

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
