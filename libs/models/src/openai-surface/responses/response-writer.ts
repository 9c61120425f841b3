import { AppError, UpstreamError } from '@guildhall/sdk';
import type { Fields } from '../faults.js';
import type { Answered, Listener } from './answered.js';
import { outputText } from './content-parts.js';
import { type Item, newItemId } from './input-items.js';
import { annotationsOf, callItem, messageItem, reasoningItem } from './output-items.js';
import type { ResponseObject } from './response.js';
import { failedResponse, finishedResponse } from './response-object.js';

/** The item that is being told. */
interface Open {
  readonly kind: 'reasoning' | 'message';
  readonly id: string;
  text: string;
}

/** Tells a response as OpenAI's typed events: items one after the other, each from its beginning to its end. */
export class ResponseWriter implements Listener {
  private readonly output: Item[] = [];
  private open: Open | undefined;
  private spoke = false;
  private thought = false;
  private sequence = 0;

  constructor(
    private readonly response: ResponseObject,
    private readonly write: (bytes: Uint8Array) => void | Promise<void>,
  ) {}

  reasoning(text: string): void {
    this.thought = true;
    this.item('reasoning').text += text;
    this.part('response.reasoning_text.delta', { delta: text });
  }

  text(text: string): void {
    this.spoke = true;
    this.item('message').text += text;
    this.part('response.output_text.delta', { delta: text, logprobs: [] });
  }

  /** Tells what is left to say, and returns the whole; the event that ends the stream is `end`'s. */
  finish(answered: Answered): ResponseObject {
    const { reasoning, text, toolCalls, finishReason } = answered;
    // Some models say everything at once.
    if (!this.thought && reasoning !== undefined) this.reasoning(reasoning);
    if (!this.spoke && (text !== '' || toolCalls.length === 0)) this.text(text);
    this.close(finishReason === 'length' || finishReason === 'content-filter' ? 'incomplete' : 'completed', answered);
    for (const call of toolCalls) this.call(call);
    return finishedResponse(this.response, this.output, answered);
  }

  /** What was said stands, and does not count as an answer. */
  fail(thrown: unknown): ResponseObject {
    const error = AppError.is(thrown)
      ? thrown
      : new UpstreamError('provider_unavailable', 'The stream broke off', { cause: thrown });
    this.begin();
    this.close('incomplete');
    return failedResponse(this.response, this.output, error);
  }

  async end(response: ResponseObject): Promise<void> {
    await this.event(`response.${response.status}`, { response });
  }

  private begin(): void {
    if (this.sequence > 0) return;
    const { response } = this;
    void this.event('response.created', { response });
    void this.event('response.in_progress', { response });
  }

  /** The open item of this kind; another one is over. */
  private item(kind: Open['kind']): Open {
    if (this.open?.kind === kind) return this.open;
    this.begin();
    this.close('completed');
    const open = (this.open = { kind, id: newItemId(kind), text: '' });
    if (kind === 'reasoning') {
      void this.event('response.output_item.added', this.at({ item: { ...reasoningItem(open.id, ''), content: [] } }));
      this.part('response.content_part.added', { part: { type: 'reasoning_text', text: '' } });
    } else {
      void this.event('response.output_item.added', this.at({ item: messageItem(open.id, 'in_progress', []) }));
      this.part('response.content_part.added', { part: outputText('') });
    }
    return open;
  }

  private close(
    status: 'completed' | 'incomplete',
    { citations }: Pick<Answered, 'citations'> = { citations: [] },
  ): void {
    if (!this.open) return;
    const { kind, id, text } = this.open;
    const annotations = annotationsOf(text, citations);
    if (kind === 'reasoning') {
      this.part('response.reasoning_text.done', { text });
      this.part('response.content_part.done', { part: { type: 'reasoning_text', text } });
      this.done(reasoningItem(id, text));
    } else {
      annotations.forEach((annotation, index) => {
        this.part('response.output_text.annotation.added', { annotation_index: index, annotation });
      });
      const part = outputText(text, annotations);
      this.part('response.output_text.done', { text, logprobs: [] });
      this.part('response.content_part.done', { part });
      this.done(messageItem(id, status, [part]));
    }
    this.open = undefined;
  }

  private call(call: Answered['toolCalls'][number]): void {
    this.begin();
    const id = newItemId('function_call');
    const input = JSON.stringify(call.input);
    void this.event('response.output_item.added', this.at({ item: callItem(id, 'in_progress', call, '') }));
    void this.event('response.function_call_arguments.delta', this.at({ item_id: id, delta: input }));
    const whole = { item_id: id, name: call.tool, arguments: input };
    void this.event('response.function_call_arguments.done', this.at(whole));
    this.done(callItem(id, 'completed', call, input));
  }

  private done(item: Item): void {
    void this.event('response.output_item.done', this.at({ item }));
    this.output.push(item);
  }

  private part(type: string, fields: Fields): void {
    void this.event(type, this.at({ item_id: this.open?.id, content_index: 0, ...fields }));
  }

  private at(fields: Fields): Fields {
    return { output_index: this.output.length, ...fields };
  }

  private event(type: string, fields: Fields): void | Promise<void> {
    const data = JSON.stringify({ type, sequence_number: this.sequence++, ...fields });
    return this.write(Buffer.from(`event: ${type}\ndata: ${data}\n\n`));
  }
}
