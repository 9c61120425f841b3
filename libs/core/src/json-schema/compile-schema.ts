import { type ErrorDetail, ValidationError } from '@guildhall/sdk';
import { type Question, type Verdict, judge } from './judge.js';
import { currentLogFields } from '../telemetry/log-context.js';
import { JudgeThread } from './judge-thread.js';
import { JudgeTurns } from './judge-turns.js';

/** A JSON Schema that somebody gave us, ready to check values. */
export interface CompiledSchema {
  /** What is wrong with the value, at paths below `root`; empty: nothing. */
  faultsOf(value: unknown, root?: string): Promise<readonly ErrorDetail[]>;
}

/** Two, so that others go on beside a hostile one. */
const turns = new JudgeTurns([new JudgeThread(), new JudgeThread()]);

/** Keywords whose work is not bounded by the sizes of schema and value, or has a large factor. */
const UNBOUNDED = /"(?:\$ref|\$dynamicRef|\$recursiveRef|pattern|patternProperties|format|uniqueItems|contains)":/;
const MAX_INLINE_SCHEMA = 8 * 1024;
/** Characters of the schema times those of the value: some 20 ms. */
const MAX_INLINE_WORK = 10_000_000;

/**
 * Reads a schema of any dialect from draft-04 to 2020-12, by its `$schema`. Throws a `ValidationError` with the faults of
 * the schema itself, at paths below `root`. Schemas come from tenants and values from models, so what may take long is
 * done in a thread and given up in time.
 */
export async function compileSchema(schema: Readonly<Record<string, unknown>>, root = ''): Promise<CompiledSchema> {
  const text = JSON.stringify(schema);
  refuse(await verdictOn({ schema: text, root }, root));
  return { faultsOf: (value, place = '') => faultsOf(text, root, value, place) };
}

async function faultsOf(schema: string, root: string, value: unknown, place: string): Promise<readonly ErrorDetail[]> {
  const question = { schema, root, value: { json: JSON.stringify(value) as string | undefined, root: place } };
  return (await verdictOn(question, place)).value ?? [];
}

async function verdictOn(question: Question, place: string): Promise<Verdict> {
  if (isQuick(question)) return judge(question);
  // What checks a value often does not know whose it is; the request or run that it works for always does.
  const verdict = await turns.ask(currentLogFields()?.tenantId ?? '', question);
  if (verdict) return verdict;
  const what = question.value ? 'check' : 'read';
  const fault = { path: place, code: 'too_complex', message: `takes too long to ${what}: make it simpler` };
  return question.value ? { value: [fault] } : { schema: [fault] };
}

function isQuick({ schema, value }: Question): boolean {
  if (schema.length > MAX_INLINE_SCHEMA || UNBOUNDED.test(schema)) return false;
  return schema.length * (value?.json?.length ?? 0) <= MAX_INLINE_WORK;
}

function refuse({ schema: faults = [] }: Verdict): void {
  const [first] = faults;
  if (first) throw new ValidationError(`${first.path || 'The schema'}: ${first.message}`, faults, 'invalid_schema');
}
