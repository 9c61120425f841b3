import type {
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultOutput,
  JSONValue,
} from '@ai-sdk/provider';
import { type ContentPart, type ModelCall, type ModelMessage, ValidationError } from '@guildhall/sdk';
import { type NumberedPassage, passagesIn } from '../../citations/passages.js';
import { knowledgeRules, knowledgeText } from './knowledge-text.js';
import type { ToolNames } from './tool-names.js';

type UserPart = Extract<LanguageModelV4Message, { role: 'user' }>['content'][number];

/** The conversation as the AI SDK's providers take it: one system message first, knowledge in it, then the turns. */
export function toPrompt(
  call: Pick<ModelCall, 'messages' | 'knowledge'>,
  passages: readonly NumberedPassage[],
  names: ToolNames,
): LanguageModelV4Prompt {
  const system = call.messages.filter((message) => message.role === 'system').map(({ text }) => text);
  if (call.knowledge !== undefined || passages.length > 0) system.push(knowledgeRules(passages));
  const given = call.knowledge ?? [];
  if (given.length > 0) {
    const ids = new Set(given.map(({ chunkId }) => chunkId));
    system.push(knowledgeText(passages.filter(({ chunkId }) => ids.has(chunkId))));
  }
  const turns = call.messages
    .filter((message) => message.role !== 'system')
    .map((message) => toTurn(message, passages, names))
    // A reply in which nothing was said; some vendors refuse it.
    .filter(({ content }) => content.length > 0);
  return system.length > 0 ? [{ role: 'system', content: system.join('\n\n') }, ...turns] : turns;
}

function toTurn(
  message: Exclude<ModelMessage, { role: 'system' }>,
  passages: readonly NumberedPassage[],
  names: ToolNames,
): LanguageModelV4Message {
  switch (message.role) {
    case 'user':
      return {
        role: 'user',
        content: [
          ...(message.text === '' && message.parts?.length ? [] : [{ type: 'text' as const, text: message.text }]),
          ...(message.parts ?? []).map(toFilePart),
        ],
      };
    case 'assistant':
      return {
        role: 'assistant',
        content: [
          ...(message.text === '' ? [] : [{ type: 'text' as const, text: message.text }]),
          ...(message.toolCalls ?? []).map(({ id, tool, input }) => ({
            type: 'tool-call' as const,
            toolCallId: id,
            toolName: names.toWire(tool),
            input: toArguments(input),
          })),
        ],
      };
    case 'tool':
      return {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: message.callId,
            toolName: names.toWire(message.tool),
            output: toOutput(message, passages),
          },
        ],
      };
  }
}

/** Vendors insist on an object, also where the model wrote something else. */
function toArguments(input: unknown): object {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return isObject ? input : { unreadable: input ?? null };
}

/** What a search found carries the numbers it is cited by. */
function toOutput(
  { output, failed }: Extract<ModelMessage, { role: 'tool' }>,
  passages: readonly NumberedPassage[],
): LanguageModelV4ToolResultOutput {
  const found = failed ? undefined : passagesIn(output);
  if (found && found.length > 0) {
    const ids = new Set(found.map(({ chunkId }) => chunkId));
    return { type: 'text', value: knowledgeText(passages.filter(({ chunkId }) => ids.has(chunkId))) };
  }
  if (typeof output === 'string') return { type: failed ? 'error-text' : 'text', value: output };
  return { type: failed ? 'error-json' : 'json', value: (output ?? null) as JSONValue };
}

function toFilePart(part: ContentPart): UserPart {
  const { mediaType } = part;
  const filename = part.type === 'file' && part.name !== undefined ? { filename: part.name } : {};
  if (part.data !== undefined) return { type: 'file', mediaType, ...filename, data: { type: 'data', data: part.data } };
  if (part.url !== undefined && URL.canParse(part.url)) {
    return { type: 'file', mediaType, ...filename, data: { type: 'url', url: new URL(part.url) } };
  }
  const message = "A part needs 'data' in base64 or an absolute 'url'";
  throw new ValidationError(message, [{ path: 'input.parts', code: 'invalid_part', message }]);
}
