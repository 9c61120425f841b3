import { EventSourceParserStream } from 'eventsource-parser/stream';
import { patiently } from '../server/patiently.js';
import type { Server } from '../server/server.js';

export interface RunEvent {
  readonly seq: number;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** All events of a run to its end, each once, over as many connections and servers as it takes. */
export async function* runEvents(server: Server, runId: string, signal: AbortSignal): AsyncGenerator<RunEvent> {
  const headers = { accept: 'text/event-stream' };
  let last = 0;
  for (;;) {
    const path = `/runs/${runId}/events?after=${last}`;
    const response = await patiently(signal, () => server.send(path, { headers, signal }));
    if (response.status === 204) return;
    const text = response.body!.pipeThrough(new TextDecoderStream());
    const frames = text.pipeThrough(new EventSourceParserStream()).getReader();
    for (let frame = await nextOf(frames, signal); frame; frame = await nextOf(frames, signal)) {
      const event = JSON.parse(frame.data) as RunEvent;
      last = event.seq;
      yield event;
    }
  }
}

/** Undefined when the stream is over, also where it broke: the events go on with the next one. */
async function nextOf<T>(reader: ReadableStreamDefaultReader<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return (await reader.read()).value;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
