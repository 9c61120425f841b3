import { randomUUID } from 'node:crypto';
import { parseForeignJson } from '@guildhall/core';
import { type Fields, isFields, unsupported, withoutNulls, wrong } from '../faults.js';
import { inputParts, outputParts } from './content-parts.js';

/** One item of a conversation, in OpenAI's words: as it is kept and listed. */
export type Item = Fields & { readonly id: string; readonly type: string };

const ID_PREFIXES = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fco',
  reasoning: 'rs',
} as const satisfies Record<string, string>;

type ItemType = keyof typeof ID_PREFIXES;

export function newItemId(type: ItemType): string {
  return `${ID_PREFIXES[type]}_${randomUUID().replaceAll('-', '')}`;
}

/** What `input` holds, each item in its one full form. Throws for what no model here understands. */
export function inputItems(input: unknown): Item[] {
  if (typeof input === 'string' && input !== '') return [toItem({ role: 'user', content: input }, 'input')];
  if (!Array.isArray(input) || input.length === 0) {
    throw wrong('input', 'input must be a text or a list of at least one item');
  }
  return input.map((item: unknown, index) => toItem(item, `input[${index}]`));
}

function toItem(item: unknown, path: string): Item {
  if (!isFields(item)) throw wrong(path, `${path} must be an object`);
  const fields = withoutNulls(item);
  const { type = 'message', id } = fields;
  if (type === 'item_reference') {
    const message = `${path}: items are not kept by themselves; send the item, or go on with previous_response_id`;
    throw unsupported(`${path}.type`, message);
  }
  if (typeof type !== 'string' || !Object.hasOwn(READERS, type)) {
    const message = `${path}.type must be ${Object.keys(READERS).join(', ')}: there are no built-in tools`;
    throw wrong(`${path}.type`, message);
  }
  const kind = type as ItemType;
  const named = typeof id === 'string' && id !== '' ? id : newItemId(kind);
  return { id: named, type, ...READERS[kind](fields, path) };
}

const READERS: Readonly<Record<ItemType, (item: Fields, path: string) => Fields>> = {
  message({ role, content }, path) {
    switch (role) {
      case 'assistant':
        return { role, status: 'completed', content: outputParts(content, `${path}.content`) };
      case 'user':
      case 'system':
      case 'developer':
        return { role, status: 'completed', content: inputParts(content, `${path}.content`, role === 'user') };
      default:
        throw wrong(`${path}.role`, `${path}.role must be user, assistant, system or developer`);
    }
  },
  function_call(item, path) {
    const [callId, name, input] = ['call_id', 'name', 'arguments'].map((field) => textField(item, field, path));
    const read = input!.trim() === '' ? { value: {} } : parseForeignJson(input!);
    if ('fault' in read) {
      throw wrong(`${path}.arguments`, `${path}.arguments must be a string of JSON: it ${read.fault}`);
    }
    return { call_id: callId, name, arguments: input, status: 'completed' };
  },
  function_call_output(item, path) {
    const { output } = item;
    const said = typeof output === 'string' ? output : inputParts(output, `${path}.output`, false);
    return { call_id: textField(item, 'call_id', path), output: said, status: 'completed' };
  },
  reasoning({ summary = [], content = [] }, path) {
    if (!Array.isArray(summary)) throw wrong(`${path}.summary`, `${path}.summary must be a list`);
    if (!Array.isArray(content)) throw wrong(`${path}.content`, `${path}.content must be a list`);
    return { summary, content };
  },
};

function textField(item: Fields, field: string, path: string): string {
  const value = item[field];
  if (typeof value === 'string') return value;
  throw wrong(`${path}.${field}`, `${path}.${field} must be a string`);
}
