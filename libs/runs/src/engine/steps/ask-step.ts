import { createHash } from 'node:crypto';
import { canonicalJson } from '@guildhall/core';
import type { InterruptRequest, InterruptResponse } from '@guildhall/sdk';
import type { AttemptState } from '../attempt-state.js';
import { derivedId } from '../derived-id.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** What became of an effect does not change overnight, and only a person can say. */
const UNKNOWN_EFFECT_MS = 30 * DAY_MS;

/**
 * Answers from the record, or asks and suspends. The returned promise then never resolves: when the answer is there,
 * the agent's function is called anew and comes by here again.
 */
export async function ask(state: AttemptState, key: string, request: InterruptRequest): Promise<InterruptResponse> {
  const { record, run, writer, pauses } = state;
  await state.replay({ key, kind: 'interrupt', name: request.kind });
  const asked = record.interrupt(key);
  if (asked?.response) {
    if (asked.respondedAt) state.tick(asked.respondedAt);
    return asked.response;
  }
  if (!asked) {
    const id = interruptId(run.id, key, run.attempts);
    const { kind, prompt, toolCall, responseSchema = {}, by = 'anyone' } = request;
    const { expiresInMs = kind === 'unknown_effect' ? UNKNOWN_EFFECT_MS : DAY_MS } = request;
    writer.interrupt({
      id,
      key,
      kind,
      prompt,
      ...(toolCall ? { tool_call: toolCall } : {}),
      response_schema: responseSchema,
      answer_by: by,
      expires_in_ms: expiresInMs,
    });
    writer.step({
      key,
      id: derivedId('stp', run.id, key),
      kind: 'interrupt',
      name: kind,
      status: 'running',
      attempt: 1,
      input: { prompt, toolCall },
      started_at: new Date().toISOString(),
    });
    writer.event('interrupt.requested', { interruptId: id, kind, prompt, ...(toolCall ? { toolCall } : {}) });
  }
  return pauses.block(request.kind === 'unknown_effect' ? 'attention' : 'answer');
}

/** A retried run may ask the same again after the first question expired. */
const interruptId = (runId: string, key: string, attempt: number): string =>
  derivedId('int', runId, `${key} ${attempt}`);

/** Binds an answer to what was shown: other arguments need another approval. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}
