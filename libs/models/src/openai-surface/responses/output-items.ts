import type { Citation, ToolCall } from '@guildhall/sdk';
import { markersIn } from '../../citations/markers.js';
import type { Answered } from './answered.js';
import { outputText } from './content-parts.js';
import { type Item, newItemId } from './input-items.js';

type Status = 'in_progress' | 'completed' | 'incomplete';

export function reasoningItem(id: string, text: string): Item {
  return { id, type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text }] };
}

export function messageItem(id: string, status: Status, content: readonly object[]): Item {
  return { id, type: 'message', status, role: 'assistant', content };
}

export function callItem(id: string, status: Status, call: ToolCall, input: string): Item {
  return { id, type: 'function_call', status, call_id: call.id, name: call.tool, arguments: input };
}

/** An answer, whole. */
export function outputItems({ reasoning, text, toolCalls, citations, finishReason }: Answered): Item[] {
  const status = finishReason === 'length' || finishReason === 'content-filter' ? 'incomplete' : 'completed';
  const content = [outputText(text, annotationsOf(text, citations))];
  return [
    ...(reasoning === undefined ? [] : [reasoningItem(newItemId('reasoning'), reasoning)]),
    ...(text === '' && toolCalls.length > 0 ? [] : [messageItem(newItemId('message'), status, content)]),
    ...toolCalls.map((call) => callItem(newItemId('function_call'), 'completed', call, JSON.stringify(call.input))),
  ];
}

/** A citation as OpenAI tells of files: `index` is where in the text its marker stands, or the end where none does. */
export function annotationsOf(text: string, citations: readonly Citation[]): object[] {
  const places = new Map<number, number>();
  for (const { at, numbers } of markersIn(text)) {
    for (const number of numbers) if (!places.has(number)) places.set(number, at);
  }
  return citations.map(({ index, documentId, documentTitle }) => ({
    type: 'file_citation',
    index: places.get(index) ?? text.length,
    file_id: documentId,
    filename: documentTitle,
  }));
}
