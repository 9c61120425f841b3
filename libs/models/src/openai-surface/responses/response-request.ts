import type { ErrorDetail, ToolSpec } from '@guildhall/sdk';
import { modelFaults } from '../chat-request.js';
import { type Fields, isFields, refuseAll, wrong } from '../faults.js';
import { numberFaults } from '../number-faults.js';
import { functionTools, refuseToolChoice, textSchema } from './function-tools.js';
import { type Item, inputItems } from './input-items.js';
import { refusedFields } from './refused-fields.js';

/** A response as it was asked for. */
export interface ResponseRequest {
  readonly model: string;
  readonly stream: boolean;
  /** Whether the response can be asked for, and gone on from, later. */
  readonly store: boolean;
  readonly previousResponseId: string | undefined;
  readonly instructions: string | undefined;
  readonly items: readonly Item[];
  /** Those that the model may call. */
  readonly tools: readonly ToolSpec[];
  /** Whether one answer may call several. */
  readonly parallelToolCalls: boolean;
  readonly schema: Record<string, unknown> | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly user: string | undefined;
  /** As it was sent: parts of it the response repeats. */
  readonly body: Fields;
}

/** What one row of the database may take. */
const MAX_STORED_BYTES = 8 * 1024 * 1024;

/** Checks all of a request: its fields at once, then what it says. */
export function responseRequest(body: unknown): ResponseRequest {
  if (!isFields(body)) throw wrong('', 'The body must be a JSON object with "model" and "input"');
  refuseAll([
    ...modelFaults(body['model']),
    ...refusedFields(body),
    ...typeFaults(body),
    ...numberFaults(body),
    ...metadataFaults(body),
  ]);
  const { tool_choice: choice, parallel_tool_calls: parallel } = body;
  refuseToolChoice(choice);
  const tools = functionTools(body['tools']);
  const store = body['store'] !== false;
  const items = inputItems(body['input']);
  if (store) refuseTooLarge(items);
  return {
    model: body['model'] as string,
    stream: body['stream'] === true,
    store,
    previousResponseId: (body['previous_response_id'] ?? undefined) as string | undefined,
    instructions: (body['instructions'] ?? undefined) as string | undefined,
    items,
    tools: choice === 'none' ? [] : tools,
    parallelToolCalls: parallel !== false,
    schema: textSchema(body['text']),
    maxOutputTokens: (body['max_output_tokens'] ?? undefined) as number | undefined,
    temperature: (body['temperature'] ?? undefined) as number | undefined,
    user: (body['user'] ?? undefined) as string | undefined,
    body,
  };
}

interface Form {
  readonly is: (value: unknown) => boolean;
  readonly must: string;
}
const TEXT: Form = { is: (value) => typeof value === 'string', must: 'a text' };
const SWITCH: Form = { is: (value) => typeof value === 'boolean', must: 'true or false' };

const FORMS: Readonly<Record<string, Form>> = {
  instructions: TEXT,
  previous_response_id: TEXT,
  user: TEXT,
  stream: SWITCH,
  store: SWITCH,
  parallel_tool_calls: SWITCH,
  text: { is: isFields, must: 'an object' },
  metadata: { is: isFields, must: 'an object' },
};

function typeFaults(body: Fields): ErrorDetail[] {
  return Object.entries(FORMS).flatMap(([path, { is, must }]) => {
    const value = body[path] ?? undefined;
    if (value === undefined || is(value)) return [];
    return [{ path, code: 'invalid_value', message: `${path} must be ${must}` }];
  });
}

/** OpenAI's own limits. */
function metadataFaults({ metadata }: Fields): ErrorDetail[] {
  if (!isFields(metadata)) return [];
  const entries = Object.entries(metadata);
  const fits = entries.every(([key, value]) => key.length <= 64 && typeof value === 'string' && value.length <= 512);
  if (fits && entries.length <= 16) return [];
  const message = 'metadata may hold up to 16 texts of 512 characters, with names of 64';
  return [{ path: 'metadata', code: 'invalid_value', message }];
}

function refuseTooLarge(items: readonly Item[]): void {
  const bytes = Buffer.byteLength(JSON.stringify(items));
  if (bytes <= MAX_STORED_BYTES) return;
  const limit = MAX_STORED_BYTES / 1024 / 1024;
  throw wrong('input', `input is too large to be stored: send up to ${limit} MiB, or "store": false`);
}
