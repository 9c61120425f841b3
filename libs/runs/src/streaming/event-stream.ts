import type { RunEvent } from '../run-event.js';
import { GOODBYE, HEARTBEAT, RETRY, toFrame } from './sse-frame.js';

/** A reader that takes nothing for this long is let go; it can come back with the id of its last event. */
const STALL_MS = 30_000;

export interface EventStreamOptions {
  readonly pages: AsyncGenerator<readonly RunEvent[], void, void>;
  readonly shutdown: AbortSignal;
  /** Where the stream can be had again. */
  readonly location: string;
  readonly stallMs?: number;
}

/** An event stream that reads no faster than its client: one page is in memory, the rest is in the database. */
export function eventStream({ pages, shutdown, location, stallMs = STALL_MS }: EventStreamOptions): Response {
  const encoder = new TextEncoder();
  let stalled: NodeJS.Timeout | undefined;
  let pending: string | undefined = RETRY;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      clearTimeout(stalled);
      const text = pending ?? (await next());
      pending = undefined;
      if (text === undefined) return controller.close();
      controller.enqueue(encoder.encode(text));
      stalled = setTimeout(() => {
        controller.error(new Error('The reader of an event stream is too slow'));
        void pages.return();
      }, stallMs).unref();
    },
    async cancel() {
      clearTimeout(stalled);
      await pages.return();
    },
  });

  let saidGoodbye = false;
  async function next(): Promise<string | undefined> {
    const { done, value } = await pages.next();
    if (!done) return value.length > 0 ? value.map(toFrame).join('') : HEARTBEAT;
    clearTimeout(stalled);
    if (!shutdown.aborted || saidGoodbye) return undefined;
    saidGoodbye = true;
    return GOODBYE;
  }

  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // A proxy that gathers the answer would undo the streaming.
    'x-accel-buffering': 'no',
    'content-location': location,
  };
  return new Response(body, { headers });
}
