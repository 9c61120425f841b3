import type { OutboundClient } from '@guildhall/core';
import { boundedFetch } from './bounded-fetch.js';
import { MAX_EVENT_BYTES, MAX_REPLY_BYTES, MAX_STREAM_BYTES } from './reply-limits.js';

type FetchOptions = NonNullable<Parameters<OutboundClient['fetch']>[1]>;

const MIB = 1024 * 1024;
const CHAT = 'https://vendor.example/v1/chat/completions';
const EVENTS = 'text/event-stream';
const KEY = 'sk-0123456789abcdef';

/** A door out that leads to this answer, and lets its judge see each piece first. */
function doorTo(answer: Response): OutboundClient {
  const fetch = async (url: string, judge: FetchOptions['judge']) => {
    const { status, headers, body } = answer;
    const look = judge!({ url: new URL(url), status, headers: Object.fromEntries(headers) });
    const transform = (piece: Uint8Array, next: TransformStreamDefaultController<Uint8Array>) => {
      const refusal = look(piece);
      if (refusal) next.error(refusal);
      else next.enqueue(piece);
    };
    const judged = body!.pipeThrough(new TransformStream({ transform }));
    return new Response(judged, { status, headers });
  };
  return {
    fetch:
      (_trust: string, { judge }: FetchOptions) =>
      (url: string) =>
        fetch(url, judge),
  } as never;
}

const config = { id: 'v', kind: 'fake', models: [], apiKey: KEY };

/** A vendor that answers with these pieces; how many of them were taken is counted. */
function vendor(pieces: readonly string[], init: ResponseInit = {}) {
  const taken = { pieces: 0 };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[taken.pieces++];
        if (piece === undefined) controller.close();
        else controller.enqueue(Buffer.from(piece));
      },
    },
    { highWaterMark: 0 },
  );
  const fetch = boundedFetch(doorTo(new Response(stream, init)), config);
  return { taken, read: async (url = CHAT) => (await fetch(url)).text() };
}

describe('boundedFetch', () => {
  it('passes on what is within its limits', async () => {
    await expect(vendor(['{"a":', '1}']).read()).resolves.toBe('{"a":1}');
  });

  it.each([
    ['a chat reply', CHAT, MAX_REPLY_BYTES, undefined],
    ['a reply of Google', 'https://vendor.example/models/m:generateContent', MAX_REPLY_BYTES, undefined],
    ['an event', CHAT, MAX_EVENT_BYTES, EVENTS],
  ])('ends %s that is too large, without reading on', async (_what, url, most, contentType) => {
    const pieces = Array.from({ length: 100 }, () => 'x'.repeat(MIB));
    const { read, taken } = vendor(pieces, contentType ? { headers: { 'content-type': contentType } } : {});
    await expect(read(url)).rejects.toMatchObject({ code: 'provider_malformed_reply' });
    expect(taken.pieces).toBeLessThanOrEqual(most / MIB + 2);
  });

  it('ends a stream of events that does not come to an end', async () => {
    const piece = `data: ${'x'.repeat(1000)}\n\n`.repeat(1000);
    const { read, taken } = vendor(
      Array.from({ length: 200 }, () => piece),
      { headers: { 'content-type': EVENTS } },
    );
    await expect(read()).rejects.toMatchObject({ code: 'provider_malformed_reply' });
    expect(taken.pieces).toBeLessThanOrEqual(MAX_STREAM_BYTES / piece.length + 2);
  });

  it('reads nothing of a reply that announces itself as too large', async () => {
    const { read, taken } = vendor(['x'], { headers: { 'content-length': String(MAX_REPLY_BYTES + 1) } });
    await expect(read()).rejects.toMatchObject({ code: 'provider_malformed_reply' });
    expect(taken.pieces).toBe(0);
  });

  it('lets vectors be longer than words', async () => {
    const pieces = Array.from({ length: 20 }, () => 'x'.repeat(MIB));
    const text = await vendor(pieces).read('https://vendor.example/v1/embeddings');
    expect(text).toHaveLength(20 * MIB);
  });

  it('ends a reply that repeats the API key before the key is out', async () => {
    await expect(vendor([`{"you sent": "${KEY}"}`]).read()).rejects.toMatchObject({ code: 'provider_malformed_reply' });
  });

  it('reads the beginning of a refusal only, whatever it repeats, and whether it ends or not', async () => {
    const { read, taken } = vendor([KEY, ...Array.from({ length: 100 }, () => 'x'.repeat(40_000))], { status: 500 });
    await expect(read()).resolves.toContain(KEY);
    expect(taken.pieces).toBeLessThan(10);
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error('reset')) });
    const response = await boundedFetch(doorTo(new Response(broken, { status: 503 })), config)(CHAT);
    expect([response.status, await response.text()]).toEqual([503, '']);
  });
});
