import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { malformed } from './failure.js';
import type { RawReply } from './reply.js';

/** Reads a stream to its finish marker, handing on text as it comes. `onToken` is called for whatever moves. */
export async function readStream(
  provider: string,
  stream: ReadableStream<LanguageModelV4StreamPart>,
  onDelta: (text: string) => void,
  onToken: () => void,
): Promise<RawReply> {
  let text = '';
  const toolCalls: RawReply['toolCalls'][number][] = [];
  for await (const part of stream) {
    switch (part.type) {
      case 'text-delta':
        onToken();
        text += part.delta;
        onDelta(part.delta);
        break;
      case 'reasoning-delta':
      case 'tool-input-start':
      case 'tool-input-delta':
        onToken();
        break;
      case 'tool-call':
        toolCalls.push(part);
        break;
      case 'error':
        throw part.error instanceof Error ? part.error : malformed(provider, 'ended in an error');
      case 'finish':
        return { text, toolCalls, finishReason: part.finishReason, usage: part.usage };
    }
  }
  throw malformed(provider, 'ended without its finish marker');
}
