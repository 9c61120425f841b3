import { type ErrorDetail, SPEECH_FORMATS, type SpeechCall } from '@guildhall/sdk';
import { modelFaults } from '../chat-request.js';
import { isFields, refuseAll, unsupported, withoutNulls, wrong } from '../faults.js';
import { numberFaults } from '../number-faults.js';

export interface SpeechRequest {
  readonly model: string;
  readonly call: Omit<SpeechCall, 'model' | 'signal'>;
}

const MAX_CHARACTERS = 100_000;

/** The body of a speech as OpenAI's clients send it. Throws for what is wrong with it, all at once. */
export function speechRequest(body: unknown): SpeechRequest {
  if (!isFields(body)) throw wrong('', 'The body must be a JSON object with "model", "input" and "voice"');
  const fields = withoutNulls(body);
  const { model, input, voice, instructions, speed, response_format: format = 'mp3', stream_format: stream } = fields;
  if (stream !== undefined && stream !== 'audio') {
    throw unsupported('stream_format', 'Speech is streamed as audio: leave stream_format out');
  }
  const faults: ErrorDetail[] = [...modelFaults(model), ...numberFaults(body)];
  const add = (path: string, message: string) => faults.push({ path, code: 'invalid_value', message });
  if (typeof input !== 'string' || input.trim() === '' || input.length > MAX_CHARACTERS) {
    add('input', `input must be a text of up to ${MAX_CHARACTERS} characters`);
  }
  for (const [name, value] of Object.entries({ voice, instructions })) {
    if (value !== undefined && typeof value !== 'string') add(name, `${name} must be a string`);
  }
  const formats: readonly unknown[] = SPEECH_FORMATS;
  if (!formats.includes(format)) add('response_format', `response_format must be one of ${SPEECH_FORMATS.join(', ')}`);
  refuseAll(faults);
  return {
    model: model as string,
    call: {
      text: input as string,
      format: format as SpeechCall['format'],
      ...(voice === undefined ? {} : { voice: voice as string }),
      ...(instructions === undefined ? {} : { instructions: instructions as string }),
      ...(speed === undefined ? {} : { speed: speed as number }),
    },
  };
}
