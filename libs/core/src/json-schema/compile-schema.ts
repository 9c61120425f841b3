import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type ErrorDetail, ValidationError } from '@guildhall/sdk';
import { inLimitedTime, isOutOfTime } from './limited-time.js';
import { shortened, toFaults } from './schema-faults.js';

/** A JSON Schema 2020-12 that somebody gave us, ready to check values. */
export interface CompiledSchema {
  /** What is wrong with the value, at paths below `root`; empty: nothing. */
  faultsOf(value: unknown, root?: string): readonly ErrorDetail[];
}

const MAX_BYTES = 64 * 1024;
const MAX_COMPILED = 200;
/** Much longer than any honest schema needs, also on a busy machine, and no longer than a server may stand still. */
const TIME_LIMIT_MS = 1000;

/** By the schema's text; the one that was not asked for the longest goes when there are too many. */
const compiled = new Map<string, CompiledSchema>();

/**
 * Throws a `ValidationError` with every fault of the schema itself, at paths below `root`. Schemas come from tenants and
 * values from models, so both work within a time limit: `pattern` and `uniqueItems` can be made to take for ever.
 */
export function compileSchema(schema: Readonly<Record<string, unknown>>, root = ''): CompiledSchema {
  const text = JSON.stringify(schema);
  const known = compiled.get(text) ?? compileText(text, root);
  compiled.delete(text);
  compiled.set(text, known);
  if (compiled.size > MAX_COMPILED) compiled.delete(compiled.keys().next().value!);
  return known;
}

function compileText(text: string, root: string): CompiledSchema {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) throw invalid(root, 'too_large', `has ${bytes} bytes and may have ${MAX_BYTES}`);
  try {
    const validate = inLimitedTime(TIME_LIMIT_MS, () => compile(JSON.parse(text) as Record<string, unknown>, root));
    return { faultsOf: (value, place = '') => faultsOf(validate, value, place) };
  } catch (error) {
    if (error instanceof ValidationError) throw error;
    if (isOutOfTime(error)) throw invalid(root, 'too_complex', 'takes too long to read: make it simpler');
    // References that lead nowhere, patterns that are none: Ajv's own words say which.
    throw invalid(root, 'invalid_schema', shortened((error as Error).message));
  }
}

function compile(schema: Record<string, unknown>, root: string): ValidateFunction {
  // The validation would be a promise, and a promise is always true.
  if (schema['$async'] !== undefined) throw invalid(root, 'invalid_schema', 'must not be $async');
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true, logger: false }));
  if (ajv.validateSchema(schema)) return ajv.compile(schema);
  const faults = toFaults(ajv.errors ?? [], root);
  throw new ValidationError(`${faults[0]?.path || 'The schema'}: ${faults[0]?.message}`, faults, 'invalid_schema');
}

function faultsOf(validate: ValidateFunction, value: unknown, root: string): readonly ErrorDetail[] {
  try {
    if (inLimitedTime(TIME_LIMIT_MS, () => validate(value))) return [];
  } catch (error) {
    if (isOutOfTime(error))
      return [{ path: root, code: 'too_complex', message: 'takes too long to check: make it simpler' }];
    throw error;
  }
  return toFaults(validate.errors ?? [], root);
}

function invalid(path: string, code: string, what: string): ValidationError {
  const message = `The schema ${what}`;
  return new ValidationError(message, [{ path, code, message }], 'invalid_schema');
}
