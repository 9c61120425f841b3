import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { malformed, streamFailure } from './failure.js';
import { type RawReply, toUsage } from './reply.js';
import { MAX_TEXT } from './reply-limits.js';
import { WholeCharacters } from './whole-characters.js';

type Reader = ReadableStreamDefaultReader<LanguageModelV4StreamPart>;

export interface StreamListener {
  onDelta(text: string): void;
  readonly onReasoning: ((text: string) => void) | undefined;
  /** Whatever moves. */
  onToken(): void;
  /** An event as the vendor wrote it. */
  onEvent(event: unknown): void;
}

/** Reads a stream to its finish marker, handing on text as it comes. */
export async function readStream(
  provider: string,
  stream: ReadableStream<LanguageModelV4StreamPart>,
  listener: StreamListener,
): Promise<RawReply> {
  const reader = stream.getReader();
  try {
    return await collect(provider, reader, listener);
  } finally {
    // Nobody reads on. A stream that has failed says so again here: its failure is known.
    reader.cancel().catch(() => undefined);
  }
}

async function collect(provider: string, reader: Reader, listener: StreamListener): Promise<RawReply> {
  let text = '';
  let reasoning = '';
  let size = 0;
  const toolCalls: RawReply['toolCalls'][number][] = [];
  const characters = new WholeCharacters();
  const say = (piece: string) => {
    if (piece === '') return;
    text += piece;
    listener.onDelta(piece);
  };
  const count = ({ length }: string) => {
    listener.onToken();
    if ((size += length) > MAX_TEXT) throw malformed(provider, 'does not come to an end');
  };
  for (;;) {
    const { done, value: part } = await reader.read();
    if (done) throw malformed(provider, 'ended without its finish marker');
    switch (part.type) {
      case 'text-delta':
        // Some vendors open with an empty one: nothing was said yet.
        if (part.delta === '') break;
        count(part.delta);
        say(characters.take(part.delta));
        break;
      case 'reasoning-delta':
        count(part.delta);
        if (part.delta === '') break;
        reasoning += part.delta;
        listener.onReasoning?.(part.delta);
        break;
      case 'tool-input-start':
        listener.onToken();
        break;
      case 'tool-input-delta':
        count(part.delta);
        break;
      case 'tool-call':
        toolCalls.push(part);
        break;
      case 'raw':
        listener.onEvent(part.rawValue);
        break;
      case 'error':
        throw streamFailure(provider, part.error);
      case 'finish':
        say(characters.rest());
        return { text, reasoning, toolCalls, finishReason: part.finishReason, usage: toUsage(part.usage) };
    }
  }
}
