import type { ContentPart, ModelMessage, ToolCall } from '@guildhall/sdk';
import { imagePart } from '../chat-messages.js';
import { type Fields, wrong } from '../faults.js';
import type { Item } from './input-items.js';

type Assistant = Extract<ModelMessage, { role: 'assistant' }>;

/**
 * Items, as `inputItems` makes them, in our terms. What a model said and the calls it made with it are one message;
 * what it thought has no words here, and no vendor needs to see it again.
 */
export function toMessages(items: readonly Item[]): ModelMessage[] {
  const messages: ModelMessage[] = [];
  const toolNames = new Map<string, string>();
  let calling: Assistant | undefined;
  let calls: ToolCall[] = [];
  for (const item of items) {
    if (item.type === 'message') messages.push(toMessage(item));
    else if (item.type === 'function_call') {
      const call = toCall(item);
      toolNames.set(call.id, call.tool);
      const last = messages.at(-1);
      if (last === calling) calls.push(call);
      else {
        calls = [call];
        const said = last?.role === 'assistant' ? messages.pop() : undefined;
        calling = { role: 'assistant', text: (said as Assistant | undefined)?.text ?? '', toolCalls: calls };
        messages.push(calling);
      }
    } else if (item.type === 'function_call_output') messages.push(toResult(item, toolNames));
  }
  return messages;
}

/** Throws when a call was not answered, or something is answered that was not called: no vendor takes that. */
export function refuseLooseCalls(items: readonly Item[]): void {
  const open = new Set<unknown>();
  for (const { type, call_id: id } of items) {
    if (type === 'function_call') open.add(id);
    if (type === 'function_call_output' && !open.delete(id)) {
      throw wrong('input', `No function call was made for the function call output '${String(id)}'`);
    }
  }
  const [unanswered] = open;
  if (unanswered !== undefined) {
    throw wrong('input', `No output was given for the function call '${String(unanswered)}'`);
  }
}

function toMessage({ role, content }: Item): ModelMessage {
  const text = textOf(content);
  if (role === 'assistant') return { role, text };
  if (role !== 'user') return { role: 'system', text };
  const parts = (content as Fields[]).flatMap(({ image_url: url }): ContentPart[] => {
    return typeof url === 'string' ? [imagePart(url)] : [];
  });
  return { role, text, ...(parts.length > 0 ? { parts } : {}) };
}

function toCall({ call_id: id, name, arguments: input }: Item): ToolCall {
  const text = String(input).trim();
  return { id: String(id), tool: String(name), input: text === '' ? {} : JSON.parse(text) };
}

function toResult({ call_id: id, output }: Item, toolNames: ReadonlyMap<string, string>): ModelMessage {
  const callId = String(id);
  return { role: 'tool', callId, tool: toolNames.get(callId) ?? callId, output: textOf(output) };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return (content as Fields[])
    .map(({ text, refusal }) => text ?? refusal)
    .filter((text) => typeof text === 'string')
    .join('\n');
}
