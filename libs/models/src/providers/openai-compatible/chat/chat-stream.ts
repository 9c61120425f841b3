import type { VendorUsage } from '@guildhall/sdk';
import { malformed } from '../../ai-sdk/failure.js';
import { MAX_TEXT } from '../../ai-sdk/reply-limits.js';
import type { RawReply } from '../../ai-sdk/reply.js';
import { WholeCharacters } from '../../ai-sdk/whole-characters.js';
import { fieldsOf, usageFrom } from '../forward/wire-usage.js';
import { finishReason, listIn, textIn } from './chat-reply.js';

interface Listener {
  onDelta(text: string): void;
  readonly onReasoning: ((text: string) => void) | undefined;
  /** What the vendor counted so far. */
  onUsage(usage: VendorUsage): void;
}

interface PartialCall {
  id: string;
  name: string;
  input: string;
}

/** Puts a streamed chat completion together, handing on text as it comes. It is fed whole lines that hold no failure. */
export class ChatStream {
  private text = '';
  private reasoning = '';
  private size = 0;
  private finish: string | undefined;
  private readonly calls: PartialCall[] = [];
  private readonly characters = new WholeCharacters();

  constructor(
    private readonly provider: string,
    private readonly listener: Listener,
  ) {}

  take(lines: Uint8Array): void {
    for (const line of Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength).toString('utf8').split('\n')) {
      if (line.startsWith('data:') && line[line.lastIndexOf('}')] === '}') this.event(line.slice(5));
    }
  }

  end(): Omit<RawReply, 'usage'> {
    if (this.finish === undefined) throw malformed(this.provider, 'ended without its finish marker');
    this.say(this.characters.rest());
    const toolCalls = this.calls.map(({ id, name, input }, index) => ({
      toolCallId: id || `call_${index + 1}`,
      toolName: name,
      input,
    }));
    const { text, reasoning } = this;
    return { text, reasoning, toolCalls, finishReason: finishReason(this.finish) };
  }

  private event(data: string): void {
    const { choices, usage } = fieldsOf(JSON.parse(data));
    const counted = usageFrom(usage);
    if (counted) this.listener.onUsage(counted);
    const [choice] = listIn(this.provider, choices);
    const { delta, finish_reason: reason } = fieldsOf(choice);
    if (typeof reason === 'string') this.finish = reason;
    const { content, reasoning_content: thoughts, reasoning, tool_calls: calls } = fieldsOf(delta);
    const thought = this.counted(textIn(this.provider, thoughts ?? reasoning));
    if (thought !== '') {
      this.reasoning += thought;
      this.listener.onReasoning?.(thought);
    }
    this.say(this.characters.take(this.counted(textIn(this.provider, content))));
    for (const call of listIn(this.provider, calls)) this.call(fieldsOf(call));
  }

  /** A piece of a tool call. Those without an index come whole. */
  private call({ index, id, function: called }: ReturnType<typeof fieldsOf>): void {
    const { name, arguments: input } = fieldsOf(called);
    const at = typeof index === 'number' ? index : this.calls.length;
    const known = this.calls[at];
    const piece = this.counted(textIn(this.provider, input));
    if (known) {
      known.input += piece;
      return;
    }
    // One that skips a place, or has no name, can be no call.
    if (typeof name !== 'string' || at !== this.calls.length) throw malformed(this.provider, 'cannot be understood');
    this.calls.push({ id: textIn(this.provider, id), name, input: piece });
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
