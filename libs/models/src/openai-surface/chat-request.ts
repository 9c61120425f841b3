import type { ErrorDetail } from '@guildhall/sdk';
import { type Fields, isFields, refuseAll, wrong } from './faults.js';
import { numberFaults } from './number-faults.js';

/** A chat completion as it was asked for. */
export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  /** Whether the stream ends with a chunk that counts. */
  readonly includeUsage: boolean;
  /** All of it: parameters that are not ours are the vendor's to judge. */
  readonly body: Fields;
}

const MAX_MODEL_NAME = 300;

/** Checks what is needed to route the request, all faults at once. */
export function chatRequest(body: unknown): ChatRequest {
  if (!isFields(body)) throw wrong('', 'The body must be a JSON object with "model" and "messages"');
  const { model, messages, stream, stream_options: options } = body;
  const faults: ErrorDetail[] = [...modelFaults(model), ...numberFaults(body)];
  const add = (path: string, message: string) => faults.push({ path, code: 'invalid_value', message });
  if (!Array.isArray(messages) || messages.length === 0)
    add('messages', 'messages must be a list of at least one message');
  else {
    messages.forEach((message: unknown, index) => {
      if (isFields(message) && typeof message['role'] === 'string') return;
      add(`messages[${index}]`, `messages[${index}] must be an object with a role`);
    });
  }
  if (typeof (stream ?? false) !== 'boolean') add('stream', 'stream must be true or false');
  if (!isFields(options ?? {})) add('stream_options', 'stream_options must be an object');
  refuseAll(faults);
  const includeUsage = isFields(options) && options['include_usage'] === true;
  return { model: model as string, stream: stream === true, includeUsage, body };
}

export function modelFaults(model: unknown): ErrorDetail[] {
  if (typeof model === 'string' && model !== '' && model.length <= MAX_MODEL_NAME) return [];
  return [{ path: 'model', code: 'invalid_value', message: 'model must be the name of a model' }];
}
