import { UpstreamError } from '@guildhall/sdk';

type Fetch = typeof globalThis.fetch;

const MAX_BYTES = 32 * 1024 * 1024;
/** Of one event of a stream: parsers hold it whole. */
const MAX_EVENT_BYTES = 2 * 1024 * 1024;
const NEWLINE = 10;

/** A `fetch` whose bodies end in an error before they fill the memory. */
export function boundedFetch(fetch: Fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!response.body) return response;
    const streamed = response.headers.get('content-type')?.includes('text/event-stream') ?? false;
    const body = streamed ? limited(response.body, eventMeter()) : limited(response.body, totalMeter());
    return new Response(body, { status: response.status, headers: response.headers });
  };
}

/** Says whether the next bytes are too many. */
type Meter = (bytes: Uint8Array) => boolean;

function totalMeter(): Meter {
  let total = 0;
  return (bytes) => (total += bytes.length) > MAX_BYTES;
}

function eventMeter(): Meter {
  let pending = 0;
  return (bytes) => {
    const first = bytes.indexOf(NEWLINE);
    const longest = pending + (first < 0 ? bytes.length : first);
    pending = first < 0 ? longest : bytes.length - bytes.lastIndexOf(NEWLINE) - 1;
    return longest > MAX_EVENT_BYTES || pending > MAX_EVENT_BYTES;
  };
}

function limited(body: ReadableStream<Uint8Array>, isTooMuch: Meter): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      if (!isTooMuch(value)) return controller.enqueue(value);
      const error = new UpstreamError('provider_malformed_reply', 'The reply is too large');
      controller.error(error);
      await reader.cancel(error);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
