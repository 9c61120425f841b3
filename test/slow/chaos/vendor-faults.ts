import type { FakeModelRequest, FakeReply, WireFormat } from '@guildhall/testing';

/** What a failing vendor says before it fails: it must never be part of an answer. */
export const WRONG = 'WRONG';

const STREAM = 'text/event-stream';

export interface VendorFault {
  readonly name: string;
  /** Where the fault is the address itself: made of the vendor's own. */
  readonly address?: (baseUrl: string, closedPort: number) => string;
  /** What the vendor answers; with an address of its own, nobody comes to ask. */
  readonly reply?: (wire: WireFormat, request: FakeModelRequest) => FakeReply;
  /** A stream speaks before it fails: what a client has read of it cannot be taken back from it. */
  readonly speaks?: boolean;
  /** Sends more than a model ever would. */
  readonly isHeavy?: boolean;
  /** It is refused for its size, however long it takes to arrive. */
  readonly endsBySize?: boolean;
}

const answer = (name: string, reply: FakeReply): VendorFault => ({ name, reply: () => reply });

/** A reply for those who want it whole, another one for streams. */
const either = (name: string, whole: FakeReply, streamed: FakeReply): VendorFault => ({
  name,
  reply: (wire, request) => (wire.wantsStream(request) ? streamed : whole),
});

const spoken = (name: string, end: 'stall' | 'cut' | 'no-finish' | 'error'): VendorFault => ({
  name,
  reply: () => ({ chunks: [WRONG, ` ${WRONG}`], end, message: 'the vendor fell over' }),
  speaks: true,
});

const TOO_LONG = new Map<WireFormat, { readonly whole: FakeReply; readonly streamed: FakeReply }>();

/** Written once: a fake vendor that is busy writing would be no healthy neighbour. */
function tooLong(wire: WireFormat, request: FakeModelRequest): FakeReply {
  let replies = TOO_LONG.get(wire);
  if (!replies) {
    const text = 'x'.repeat(10_000_000);
    const usage = { inputTokens: 1, outputTokens: 1 };
    const reply = { text, reasoning: '', toolCalls: [], finishReason: 'stop', usage };
    const stream = wire.stream(request);
    const events = stream.open(usage) + stream.text(text) + stream.finish('stop', usage);
    const whole = { raw: JSON.stringify(wire.complete(request, reply)) };
    TOO_LONG.set(wire, (replies = { whole, streamed: { raw: events, contentType: STREAM } }));
  }
  return wire.wantsStream(request) ? replies.streamed : replies.whole;
}

/** Every way of failing that a vendor has. */
export const VENDOR_FAULTS: readonly VendorFault[] = [
  { name: 'refused connection', address: (_url, port) => `http://127.0.0.1:${port}/v1` },
  { name: 'name without an address', address: () => 'http://vendor.invalid/v1' },
  { name: 'TLS error', address: (url) => url.replace('http:', 'https:') },
  answer('dropped connection', { drop: true }),
  answer('401', { status: 401 }),
  answer('404', { status: 404 }),
  answer('429', { status: 429 }),
  answer('429 with Retry-After', { status: 429, retryAfter: 1 }),
  answer('500', { status: 500 }),
  answer('503', { status: 503 }),
  answer('529', { status: 529 }),
  answer('no first byte', { hang: true }),
  spoken('stall in the middle', 'stall'),
  spoken('cut in the middle', 'cut'),
  spoken('end without finish marker', 'no-finish'),
  spoken('error in the middle', 'error'),
  either('malformed JSON', { raw: `{"oops ${WRONG}` }, { raw: `data: {"oops ${WRONG}\n\n`, contentType: STREAM }),
  { ...answer('truncated UTF-8', { text: `${WRONG} costs 5 €`, brokenAt: '€' }), speaks: true },
  answer('another content type', { raw: `<html>${WRONG}</html>`, contentType: 'text/html' }),
  { name: '10 MB in one piece', reply: tooLong, isHeavy: true, endsBySize: true },
  { ...answer('event without an end', { flood: 64 * 1024 * 1024 }), isHeavy: true },
  { ...answer('endless junk', { endless: `: ${WRONG}\n\ndata: {"junk":true}\n\n` }), isHeavy: true },
  either('JSON of another kind', { raw: `{"hello":"${WRONG}"}` }, { raw: `data: {"hi":1}\n\n`, contentType: STREAM }),
];
