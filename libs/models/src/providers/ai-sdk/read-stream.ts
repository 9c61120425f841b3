import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { malformed, streamFailure } from './failure.js';
import type { RawReply } from './reply.js';

type Reader = ReadableStreamDefaultReader<LanguageModelV4StreamPart>;

/** How long the end of a connection is waited for after the end of the reply. */
const DRAIN_MS = 1000;

/** Reads a stream to its finish marker, handing on text as it comes. `onToken` is called for whatever moves. */
export async function readStream(
  provider: string,
  stream: ReadableStream<LanguageModelV4StreamPart>,
  onDelta: (text: string) => void,
  onToken: () => void,
): Promise<RawReply> {
  const reader = stream.getReader();
  try {
    const reply = await collect(provider, reader, onDelta, onToken);
    void drain(reader);
    return reply;
  } catch (error) {
    cancel(reader);
    throw error;
  }
}

async function collect(
  provider: string,
  reader: Reader,
  onDelta: (text: string) => void,
  onToken: () => void,
): Promise<RawReply> {
  let text = '';
  let reasoning = '';
  const toolCalls: RawReply['toolCalls'][number][] = [];
  for (;;) {
    const { done, value: part } = await reader.read();
    if (done) throw malformed(provider, 'ended without its finish marker');
    switch (part.type) {
      case 'text-delta':
        // Some vendors open with an empty one: nothing was said yet.
        if (part.delta === '') break;
        onToken();
        text += part.delta;
        onDelta(part.delta);
        break;
      case 'reasoning-delta':
        onToken();
        reasoning += part.delta;
        break;
      case 'tool-input-start':
      case 'tool-input-delta':
        onToken();
        break;
      case 'tool-call':
        toolCalls.push(part);
        break;
      case 'error':
        throw streamFailure(provider, part.error);
      case 'finish':
        return { text, reasoning, toolCalls, finishReason: part.finishReason, usage: part.usage };
    }
  }
}

/** Lets the connection come to its end, so that it can be used again: cancelling would close it. */
async function drain(reader: Reader): Promise<void> {
  const late = setTimeout(() => cancel(reader), DRAIN_MS).unref();
  try {
    while (!(await reader.read()).done);
  } catch {
    // The reply is complete; what becomes of the connection now is of no interest.
  } finally {
    clearTimeout(late);
  }
}

function cancel(reader: Reader): void {
  // A stream that has failed says so again: its failure is known.
  reader.cancel().catch(() => undefined);
}
