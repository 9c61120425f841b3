import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type ErrorDetail, type InterruptKind, type InterruptResponse } from '@guildhall/sdk';

type Decision = InterruptResponse['decision'];

const DECISIONS: Record<InterruptKind, readonly Decision[]> = {
  approval: ['approve', 'reject'],
  question: ['done', 'reject'],
  choice: ['done', 'reject'],
  unknown_effect: ['done', 'retry', 'reject'],
};

/** What is wrong with an answer: a decision that the question does not offer, or a value that does not fit its schema. */
export function faultsOf(
  kind: InterruptKind,
  schema: Record<string, unknown>,
  { decision, value }: InterruptResponse,
): ErrorDetail[] {
  const offered = DECISIONS[kind];
  if (!offered.includes(decision)) {
    return [{ path: 'decision', code: 'invalid_decision', message: `Decide ${offered.join(' or ')}` }];
  }
  const answers = decision === 'done' || decision === 'approve';
  if (!answers || Object.keys(schema).length === 0) return [];
  // Compiled for this one answer: schemas are as many as questions, and are not kept.
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
  const validate = ajv.compile(schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, keyword, message }) => ({
    path: `value${instancePath.replaceAll('/', '.')}`,
    code: keyword,
    message: message ?? 'is not valid',
  }));
}
