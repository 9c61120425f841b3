import type { ValidateFunction } from 'ajv';
import type { ErrorDetail } from '@guildhall/sdk';
import { dialectOf } from './dialects.js';
import { shortened, toFaults } from './schema-faults.js';
import { limitFault } from './schema-limits.js';
import { type Fields, schemaPlaces, within } from './schema-places.js';

/** A schema, and a value that is to satisfy it: as JSON, which any thread can read. */
export interface Question {
  readonly schema: string;
  /** Where the schema stands in what its author sent. */
  readonly root: string;
  readonly value?: { readonly json: string | undefined; readonly root: string };
}

/** What is wrong with the schema, or else with the value; neither: nothing. */
export interface Verdict {
  readonly schema?: readonly ErrorDetail[];
  readonly value?: readonly ErrorDetail[];
}

/** As long as all of them together may be. A compiled schema takes some ten times its text. */
const MAX_KEPT_CHARACTERS = 1024 * 1024;

/** By the schema's text; those that were not asked for the longest go when there is too much. */
const compiled = new Map<string, ValidateFunction>();
let kept = 0;

/** Works until it is done: whether that may take long, and who waits for it meanwhile, is the caller's affair. */
export function judge({ schema, root, value }: Question): Verdict {
  const validate = compiled.get(schema) ?? compile(schema, root);
  if (Array.isArray(validate)) return { schema: validate };
  keep(schema, validate);
  return value ? { value: faultsOf(validate, value) } : {};
}

function faultsOf(validate: ValidateFunction, { json, root }: NonNullable<Question['value']>): ErrorDetail[] {
  try {
    return validate(json === undefined ? undefined : JSON.parse(json)) ? [] : toFaults(validate.errors ?? [], root);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ path: root, code: 'too_complex', message: 'cannot be checked: the schema refers to itself without end' }];
  }
}

function compile(text: string, root: string): ValidateFunction | ErrorDetail[] {
  const sent = JSON.parse(text) as Fields;
  const beyond = limitFault(sent, Buffer.byteLength(text), root);
  if (beyond) return [beyond];
  const { uri, meta, compiler } = dialectOf(sent)!;
  const schema = { ...sent, $schema: uri };
  if (!meta.validateSchema(schema)) return toFaults(meta.errors ?? [], root);
  try {
    return compiler().compile(schema);
  } catch (error) {
    return [referenceFault(schema, error as Error, root)];
  }
}

/** What is left to go wrong is a reference. Ajv says which, and not where. */
function referenceFault(schema: Fields, { message }: Error, root: string): ErrorDetail {
  const target = /can't resolve reference (\S*) from id/.exec(message)?.[1];
  if (target === undefined) return { path: root, code: 'invalid_schema', message: shortened(message) };
  const place = schemaPlaces(schema, root).find((one) => one.schema['$ref'] === target);
  const why = target.startsWith('#')
    ? 'leads nowhere: define what it names under "$defs"'
    : 'leads out of the schema, and nothing is fetched: copy what it names into "$defs" and refer to that';
  const path = within(place?.path ?? root, '$ref');
  return { path, code: 'invalid_reference', message: shortened(`'${target}' ${why}`) };
}

function keep(text: string, validate: ValidateFunction): void {
  if (compiled.delete(text)) kept -= text.length;
  compiled.set(text, validate);
  kept += text.length;
  for (const oldest of compiled.keys()) {
    if (kept <= MAX_KEPT_CHARACTERS) return;
    compiled.delete(oldest);
    kept -= oldest.length;
  }
}
