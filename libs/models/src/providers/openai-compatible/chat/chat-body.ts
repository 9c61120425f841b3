import type { LanguageModelV4Message } from '@ai-sdk/provider';
import type { ModelCall } from '@guildhall/sdk';
import type { NumberedPassage } from '../../../citations/passages.js';
import { toPrompt } from '../../ai-sdk/prompt.js';
import { isStrictSchema } from '../../ai-sdk/strict-schema.js';
import type { ToolNames } from '../../ai-sdk/tool-names.js';

/** A call as the body of a chat completion, for conversations of text and tools. */
export function toChatBody(
  call: ModelCall,
  passages: readonly NumberedPassage[],
  names: ToolNames,
): Record<string, unknown> {
  const { temperature, maxOutputTokens, seed, responseSchema, tools } = call;
  return {
    messages: toPrompt(call, passages, names).flatMap(toWire),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined ? {} : { max_tokens: maxOutputTokens }),
    ...(seed === undefined ? {} : { seed }),
    ...(responseSchema === undefined ? {} : { response_format: formatOf(responseSchema) }),
    ...(tools?.length ? { tools: tools.map((tool) => toFunction(tool, names)) } : {}),
  };
}

function formatOf(schema: Record<string, unknown>): object {
  return { type: 'json_schema', json_schema: { name: 'response', schema, strict: isStrictSchema(schema) } };
}

function toFunction(
  { name, description, inputSchema }: NonNullable<ModelCall['tools']>[number],
  names: ToolNames,
): object {
  return { type: 'function', function: { name: names.toWire(name), description, parameters: inputSchema } };
}

function toWire(message: LanguageModelV4Message): object | object[] {
  switch (message.role) {
    case 'system':
      return message;
    case 'user':
      return { role: 'user', content: textOf(message.content) };
    case 'assistant':
      return toAssistant(message.content);
    case 'tool':
      return message.content.flatMap((part) =>
        part.type === 'tool-result'
          ? [{ role: 'tool', tool_call_id: part.toolCallId, content: outputOf(part.output) }]
          : [],
      );
  }
}

type Content<Role> = Extract<LanguageModelV4Message, { role: Role }>['content'];

function toAssistant(content: Content<'assistant'>): object {
  const text = textOf(content);
  const toolCalls = content.flatMap((part) =>
    part.type === 'tool-call'
      ? [
          {
            id: part.toolCallId,
            type: 'function',
            function: { name: part.toolName, arguments: JSON.stringify(part.input) },
          },
        ]
      : [],
  );
  if (toolCalls.length === 0) return { role: 'assistant', content: text };
  return { role: 'assistant', content: text === '' ? null : text, tool_calls: toolCalls };
}

function textOf(content: Content<'user'> | Content<'assistant'>): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function outputOf(output: Extract<Content<'tool'>[number], { type: 'tool-result' }>['output']): string {
  return 'value' in output ? (typeof output.value === 'string' ? output.value : JSON.stringify(output.value)) : '';
}
