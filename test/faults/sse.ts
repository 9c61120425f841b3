import { KEY } from './client.js';

export interface Frame {
  readonly id: number;
  readonly event: string;
  /** As it came over the wire. */
  readonly data: string;
}

/** The frames of an event stream until it ends; throws when the connection breaks. */
export async function* frames(url: string, after: number, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
  const headers = {
    authorization: `Bearer ${KEY}`,
    accept: 'text/event-stream',
    ...(after > 0 ? { 'last-event-id': String(after) } : {}),
  };
  const response = await fetch(url, { headers, signal });
  if (!response.ok) throw new Error(`The stream was refused: ${response.status} ${await response.text()}`);
  // The last event of an ended run was the one before.
  if (response.status === 204) return;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of response.body!) {
    rest += decoder.decode(bytes, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      const frame = parse(block);
      if (frame) yield frame;
    }
  }
}

/** Undefined for comments and `retry`. */
function parse(block: string): Frame | undefined {
  const field = (name: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const [id, event, data] = [field('id'), field('event'), field('data')];
  if (id === undefined || event === undefined || data === undefined) return undefined;
  return { id: Number(id), event, data };
}
