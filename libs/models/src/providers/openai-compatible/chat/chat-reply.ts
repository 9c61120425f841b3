import type { LanguageModelV4FinishReason } from '@ai-sdk/provider';
import { malformed } from '../../ai-sdk/failure.js';
import type { RawReply } from '../../ai-sdk/reply.js';
import { fieldsOf } from '../forward/wire-usage.js';

type WireReply = Omit<RawReply, 'usage'>;
type WireToolCall = RawReply['toolCalls'][number];

/** A whole chat completion, which is known to have a message and a finish reason. */
export function readReply(provider: string, text: string): WireReply {
  const { choices } = JSON.parse(text) as { choices: readonly unknown[] };
  const { message, finish_reason: reason } = fieldsOf(choices[0]);
  const { content, reasoning_content: thoughts, reasoning, tool_calls: calls } = fieldsOf(message);
  return {
    text: textIn(provider, content),
    reasoning: textIn(provider, thoughts ?? reasoning),
    toolCalls: listIn(provider, calls).map((call, index) => toToolCall(provider, call, index)),
    finishReason: finishReason(reason as string),
  };
}

export function finishReason(raw: string): LanguageModelV4FinishReason {
  return { unified: UNIFIED.get(raw) ?? 'other', raw };
}

const UNIFIED: ReadonlyMap<string, LanguageModelV4FinishReason['unified']> = new Map(
  Object.entries<LanguageModelV4FinishReason['unified']>({
    stop: 'stop',
    length: 'length',
    content_filter: 'content-filter',
    function_call: 'tool-calls',
    tool_calls: 'tool-calls',
  }),
);

/** A text, whole or in parts, or nothing where the vendor has nothing to say. Parts that are no text are left out. */
export function textIn(provider: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((part: unknown) => textOfPart(provider, part)).join('');
  throw malformed(provider, 'cannot be understood');
}

function textOfPart(provider: string, part: unknown): string {
  const { type = 'text', text } = fieldsOf(part);
  if (typeof part === 'string') return part;
  if (typeof part !== 'object' || typeof type !== 'string') throw malformed(provider, 'cannot be understood');
  return TEXT_PARTS.has(type) && typeof text === 'string' ? text : '';
}

const TEXT_PARTS = new Set(['text', 'output_text']);

export function listIn(provider: string, value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw malformed(provider, 'cannot be understood');
}

function toToolCall(provider: string, value: unknown, index: number): WireToolCall {
  const { id, function: called } = fieldsOf(value);
  const { name, arguments: input } = fieldsOf(called);
  if (typeof name !== 'string') throw malformed(provider, 'cannot be understood');
  const toolCallId = textIn(provider, id) || `call_${index + 1}`;
  return { toolCallId, toolName: name, input: argumentsText(provider, input) };
}

/** Arguments are JSON in a string; some vendors send the object itself. */
export function argumentsText(provider: string, input: unknown): string {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return JSON.stringify(input);
  return textIn(provider, input);
}
