import { type ClientReply, type ModelCall, type ModelClient, ValidationError } from '@guildhall/sdk';
import { compileSchema } from '@guildhall/core';
import { estimateTokens } from '../../text/estimate-tokens.js';
import { answer } from './answer.js';
import { lastQuestion } from './question.js';
import { fillInput } from './tools/fill-input.js';

const EXTRACTIVE = 'extractive';
const DATA = { mode: EXTRACTIVE };

/** The model of the built-in provider: no network, no chance, no words of its own. */
export class ExtractiveClient implements ModelClient {
  async generate(call: ModelCall, onDelta?: (text: string) => void): Promise<ClientReply> {
    call.signal.throwIfAborted();
    assertModel(call.model);
    if (call.responseSchema) return spoken(call, await filled(call, call.responseSchema), onDelta);
    const made = answer(call);
    if (made.kind === 'calls') {
      const first = call.messages.reduce((sum, message) => sum + callsOf(message), 1);
      const toolCalls = made.calls.map((one, index) => ({ id: `call_${first + index}`, ...one }));
      return { text: '', toolCalls, citations: [], finishReason: 'tool-calls', usage: usage(call, ''), data: DATA };
    }
    const data = made.abstained ? { ...DATA, abstained: true } : DATA;
    return { ...spoken(call, made.text, onDelta), citations: made.citations, data };
  }
}

/** What a schema asks for, as far as the question states it. A value is never made up to satisfy the schema. */
async function filled(call: ModelCall, schema: Record<string, unknown>): Promise<string> {
  const compiled = await compileSchema(schema, 'responseSchema');
  const value = fillInput(schema, lastQuestion(call.messages));
  if (!value) throw unfilled('the question does not state every required value');
  const [fault] = await compiled.faultsOf(value, 'responseSchema');
  if (fault) throw unfilled(`what the question states does not fit, ${fault.path} ${fault.message}`);
  return JSON.stringify(value);
}

function unfilled(why: string): ValidationError {
  const message = `builtin/${EXTRACTIVE} cannot fill the response schema: ${why}; choose a model that can infer values`;
  return new ValidationError(message, [{ path: 'responseSchema', code: 'not_stated', message }]);
}

function spoken(call: ModelCall, text: string, onDelta?: (text: string) => void): ClientReply {
  if (onDelta) for (const [word] of text.matchAll(/\s*\S+|\s+$/g)) onDelta(word);
  return { text, toolCalls: [], citations: [], finishReason: 'stop', usage: usage(call, text), data: DATA };
}

function assertModel(model: string): void {
  if (model === EXTRACTIVE) return;
  const message = `The provider 'builtin' has one model, '${EXTRACTIVE}'`;
  throw new ValidationError(message, [{ path: 'model.name', code: 'invalid_reference', message }], 'invalid_reference');
}

function callsOf(message: ModelCall['messages'][number]): number {
  return message.role === 'assistant' ? (message.toolCalls?.length ?? 0) : 0;
}

function usage(call: ModelCall, text: string): ClientReply['usage'] {
  const said = call.messages.map((message) =>
    message.role === 'tool' ? (JSON.stringify(message.output) ?? '') : message.text,
  );
  const known = call.knowledge?.map((passage) => passage.text) ?? [];
  return { inputTokens: estimateTokens(...said, ...known), outputTokens: estimateTokens(text), cachedTokens: 0 };
}
