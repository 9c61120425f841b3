import type { VendorUsage } from '@guildhall/sdk';
import { malformed } from '../../ai-sdk/failure.js';
import { MAX_TEXT } from '../../ai-sdk/reply-limits.js';
import type { RawReply } from '../../ai-sdk/reply.js';
import { WholeCharacters } from '../../ai-sdk/whole-characters.js';
import { fieldsOf, usageFrom } from '../forward/wire-usage.js';
import { finishReason, listIn, textIn } from './chat-reply.js';
import { StreamedCalls } from './streamed-calls.js';

interface Listener {
  onDelta(text: string): void;
  readonly onReasoning: ((text: string) => void) | undefined;
  /** What the vendor counted so far. */
  onUsage(usage: VendorUsage): void;
}

/** Puts a streamed chat completion together, handing on text as it comes. It is fed whole lines that hold no failure. */
export class ChatStream {
  private text = '';
  private reasoning = '';
  private size = 0;
  private finish: string | undefined;
  private readonly calls: StreamedCalls;
  private readonly characters = new WholeCharacters();

  constructor(
    private readonly provider: string,
    private readonly listener: Listener,
  ) {
    this.calls = new StreamedCalls(provider);
  }

  take(lines: Uint8Array): void {
    for (const line of Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength).toString('utf8').split('\n')) {
      if (line.startsWith('data:') && line[line.lastIndexOf('}')] === '}') this.event(line.slice(5));
    }
  }

  end(): Omit<RawReply, 'usage'> {
    if (this.finish === undefined) throw malformed(this.provider, 'ended without its finish marker');
    this.say(this.characters.rest());
    const { text, reasoning } = this;
    return { text, reasoning, toolCalls: this.calls.end(), finishReason: finishReason(this.finish) };
  }

  private event(data: string): void {
    const { choices, usage } = fieldsOf(JSON.parse(data));
    const counted = usageFrom(usage);
    if (counted) this.listener.onUsage(counted);
    const [choice] = listIn(this.provider, choices);
    const { delta, finish_reason: reason } = fieldsOf(choice);
    // Some vendors say "" where others say null.
    if (typeof reason === 'string' && reason !== '') this.finish = reason;
    const { content, reasoning_content: thoughts, reasoning, tool_calls: calls } = fieldsOf(delta);
    const thought = this.counted(textIn(this.provider, thoughts ?? reasoning));
    if (thought !== '') {
      this.reasoning += thought;
      this.listener.onReasoning?.(thought);
    }
    this.say(this.characters.take(this.counted(textIn(this.provider, content))));
    for (const call of listIn(this.provider, calls)) this.counted(this.calls.take(call));
  }

  private say(piece: string): void {
    if (piece === '') return;
    this.text += piece;
    this.listener.onDelta(piece);
  }

  private counted(piece: string): string {
    if ((this.size += piece.length) > MAX_TEXT) throw malformed(this.provider, 'does not come to an end');
    return piece;
  }
}
