import { compileSchema } from '@guildhall/core';
import { type ErrorDetail, type InterruptKind, type InterruptResponse } from '@guildhall/sdk';

type Decision = InterruptResponse['decision'];

const DECISIONS: Record<InterruptKind, readonly Decision[]> = {
  approval: ['approve', 'reject'],
  question: ['done', 'reject'],
  choice: ['done', 'reject'],
  unknown_effect: ['done', 'retry', 'reject'],
};

/**
 * What is wrong with an answer: a decision that the question does not offer, or a value that does not fit its schema.
 * Throws a `ValidationError` when the schema itself is none; such a question can still be rejected.
 */
export async function faultsOf(
  kind: InterruptKind,
  schema: Record<string, unknown>,
  { decision, value }: InterruptResponse,
): Promise<readonly ErrorDetail[]> {
  const offered = DECISIONS[kind];
  if (!offered.includes(decision)) {
    return [{ path: 'decision', code: 'invalid_decision', message: `Decide ${offered.join(' or ')}` }];
  }
  const hasSchema = Object.keys(schema).length > 0;
  const takesValue = decision === 'done' || (decision === 'approve' && hasSchema);
  if (!takesValue) return value === undefined || value === null ? [] : [unwanted(decision)];
  if (!hasSchema) return [];
  const compiled = await compileSchema(schema, 'responseSchema');
  return compiled.faultsOf(value, 'value');
}

/** Dropped without a word, it would pass for heeded: an approval is of the arguments that are shown, and changes none. */
function unwanted(decision: Decision): ErrorDetail {
  const message = `'${decision}' takes no value here: leave it out, or say it in 'comment'`;
  return { path: 'value', code: 'not_allowed', message };
}
