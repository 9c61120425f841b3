import { parseForeignJson } from '@guildhall/core';
import type { ContentPart, ModelMessage, ToolCall } from '@guildhall/sdk';
import { type Fields, isFields, wrong } from './faults.js';

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+);base64,(.*)$/s;

/** Messages of a chat completion in our terms. Throws for what we have no words for. */
export function chatMessages(messages: readonly Fields[]): ModelMessage[] {
  const toolNames = new Map<string, string>();
  return messages.map((message, index) => {
    const translated = toMessage(message, `messages[${index}]`, toolNames);
    if (translated.role === 'assistant') {
      for (const { id, tool } of translated.toolCalls ?? []) toolNames.set(id, tool);
    }
    return translated;
  });
}

function toMessage(message: Fields, path: string, toolNames: ReadonlyMap<string, string>): ModelMessage {
  const { role, content } = message;
  switch (role) {
    case 'system':
    case 'developer':
      return { role: 'system', text: textOf(content, path) };
    case 'user': {
      const parts = partsOf(content, path);
      return { role, text: textOf(content, path), ...(parts.length > 0 ? { parts } : {}) };
    }
    case 'assistant': {
      const toolCalls = callsOf(message['tool_calls'], path);
      return { role, text: textOf(content ?? '', path), ...(toolCalls.length > 0 ? { toolCalls } : {}) };
    }
    case 'tool': {
      const callId = message['tool_call_id'];
      if (typeof callId !== 'string') throw wrong(`${path}.tool_call_id`, `${path}.tool_call_id must be a string`);
      return { role, callId, tool: toolNames.get(callId) ?? callId, output: textOf(content, path) };
    }
    default:
      throw wrong(`${path}.role`, `${path}.role must be system, developer, user, assistant or tool`);
  }
}

function textOf(content: unknown, path: string): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw wrong(`${path}.content`, `${path}.content must be a string or a list of parts`);
  return content
    .filter((part: unknown) => isFields(part) && part['type'] === 'text')
    .map(({ text }: Fields) => String(text ?? ''))
    .join('\n');
}

function partsOf(content: unknown, path: string): ContentPart[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: unknown, index) => {
    const at = `${path}.content[${index}]`;
    const type = isFields(part) ? part['type'] : undefined;
    if (type === 'text') return [];
    if (type === 'image_url') return [imageOf((part as Fields)['image_url'], at)];
    throw wrong(`${at}.type`, `${at}.type must be text or image_url: this model takes nothing else`);
  });
}

function imageOf(image: unknown, path: string): ContentPart {
  const url = isFields(image) ? image['url'] : undefined;
  if (typeof url !== 'string') throw wrong(`${path}.image_url.url`, `${path}.image_url.url must be a URL`);
  return imagePart(url);
}

/** An image by its address, which may hold it. */
export function imagePart(url: string): ContentPart {
  const [, mediaType, data] = DATA_URL.exec(url) ?? [];
  if (mediaType !== undefined && data !== undefined) return { type: 'image', mediaType, data };
  return { type: 'image', mediaType: 'image/*', url };
}

function callsOf(calls: unknown, path: string): ToolCall[] {
  if (!Array.isArray(calls)) return [];
  return calls.map((call: unknown, index) => {
    const at = `${path}.tool_calls[${index}]`;
    const { id, function: called } = isFields(call) ? call : {};
    const { name, arguments: input } = isFields(called) ? called : {};
    if (typeof id !== 'string' || typeof name !== 'string')
      throw wrong(at, `${at} must have an id and a function.name`);
    return { id, tool: name, input: parsed(input, `${at}.function.arguments`) };
  });
}

function parsed(input: unknown, path: string): unknown {
  if (typeof input !== 'string') throw wrong(path, `${path} must be a string of JSON`);
  if (input.trim() === '') return {};
  const read = parseForeignJson(input);
  if ('value' in read) return read.value;
  throw wrong(path, `${path} must be a string of JSON: it ${read.fault}`);
}
