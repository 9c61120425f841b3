import { malformed } from '../../ai-sdk/failure.js';
import type { RawReply } from '../../ai-sdk/reply.js';
import { fieldsOf } from '../forward/wire-usage.js';
import { argumentsText, textIn } from './chat-reply.js';

interface PartialCall {
  id: string;
  name: string;
  input: string;
}

interface Piece {
  readonly index: number | undefined;
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

/**
 * Puts streamed tool calls together. By the book a call has an index, and its id and name come with its first piece;
 * vendors also leave out the index, count from 1, give all calls the same one, or repeat ids and names in every piece.
 */
export class StreamedCalls {
  private readonly calls: PartialCall[] = [];
  private readonly byIndex = new Map<number, PartialCall>();

  constructor(private readonly provider: string) {}

  /** Returns what of it is kept. */
  take(value: unknown): string {
    const piece = this.read(value);
    const { index, id, name, input } = piece;
    const text = argumentsText(this.provider, input);
    if (id === '' && name === '' && text === '') return '';
    const call = this.continued(piece, text) ?? this.begun();
    if (index !== undefined) this.byIndex.set(index, call);
    call.id ||= id;
    call.name ||= name;
    // An object comes whole.
    call.input = typeof input === 'string' ? call.input + text : text || call.input;
    return id + name + text;
  }

  end(): RawReply['toolCalls'] {
    return this.calls.map(({ id, name, input }, at) => {
      if (name === '') throw malformed(this.provider, 'has a tool call without a name');
      return { toolCallId: id || `call_${at + 1}`, toolName: name, input };
    });
  }

  private read(value: unknown): Piece {
    const { index, id, function: called } = fieldsOf(value);
    const { name, arguments: input } = fieldsOf(called);
    return {
      index: typeof index === 'number' ? index : undefined,
      id: textIn(this.provider, id),
      name: textIn(this.provider, name),
      input,
    };
  }

  /** The call that a piece goes on with; undefined where it begins one. */
  private continued({ index, id, name }: Piece, text: string): PartialCall | undefined {
    const sameId = id === '' ? undefined : this.calls.findLast((call) => call.id === id);
    const current = index === undefined ? this.calls.at(-1) : this.byIndex.get(index);
    if (sameId && (sameId === current || index === undefined || name === '')) return sameId;
    // An id alone says nothing: some vendors make one up for every piece.
    if (!current || name === '' || current.name === '') return current;
    if (name !== current.name || (id !== '' && current.id !== '')) return undefined;
    const isNext = current.input.endsWith('}') && text.startsWith('{');
    return isNext ? undefined : current;
  }

  private begun(): PartialCall {
    const call = { id: '', name: '', input: '' };
    this.calls.push(call);
    return call;
  }
}
