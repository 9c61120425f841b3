import type { ErrorDetail } from '@guildhall/sdk';
import { DIALECTS, dialectOf } from './dialects.js';
import { patternFault } from './linear-pattern.js';
import { type Fields, type SchemaPlace, isFields, schemaPlaces, within } from './schema-places.js';

const MAX_BYTES = 64 * 1024;
const MAX_SCHEMAS = 2000;
const MAX_DEPTH = 32;
const MAX_PATTERNS = 200;
const MAX_PATTERN = 1000;

/** The first reason not to compile a schema: what it says that is not done here, and what would make it costly. */
export function limitFault(schema: Fields, bytes: number, root: string): ErrorDetail | undefined {
  if (bytes > MAX_BYTES) return tooMuch(root, `has ${bytes} bytes and may have ${MAX_BYTES}`);
  if (!dialectOf(schema)) return unknownDialect(schema['$schema'], root);
  let schemas = 0;
  let patterns = 0;
  for (const place of schemaPlaces(schema, root)) {
    if (++schemas > MAX_SCHEMAS) return tooMuch(place.path, `may consist of ${MAX_SCHEMAS} schemas, and has more`);
    if (place.depth > MAX_DEPTH) return tooMuch(place.path, `may nest ${MAX_DEPTH} schemas, and nests more`);
    // The validation would be a promise, and a promise is always true.
    if (place.schema['$async'] !== undefined) {
      return { path: within(place.path, '$async'), code: 'invalid_schema', message: 'must not be $async' };
    }
    for (const [path, pattern] of patternsOf(place)) {
      if (++patterns > MAX_PATTERNS) return tooMuch(path, `may have ${MAX_PATTERNS} patterns, and has more`);
      if (pattern.length > MAX_PATTERN)
        return tooMuch(path, `may have patterns of ${MAX_PATTERN} characters, and this has ${pattern.length}`);
      const message = patternFault(pattern);
      if (message) return { path, code: 'invalid_pattern', message };
    }
  }
  return undefined;
}

function patternsOf({ path, schema: { pattern, patternProperties } }: SchemaPlace): [path: string, pattern: string][] {
  const named = isFields(patternProperties) ? Object.keys(patternProperties) : [];
  const all = named.map((name): [string, string] => [within(`${within(path, 'patternProperties')}`, name), name]);
  if (typeof pattern === 'string') all.push([within(path, 'pattern'), pattern]);
  return all;
}

function unknownDialect(uri: unknown, root: string): ErrorDetail {
  const named = typeof uri === 'string' ? `'${uri.slice(0, 200)}'` : 'What $schema says';
  const message = `${named} is no dialect that is known here: use one of ${DIALECTS.join(', ')}, or leave it out`;
  return { path: within(root, '$schema'), code: 'unknown_dialect', message };
}

function tooMuch(path: string, what: string): ErrorDetail {
  return { path, code: 'too_complex', message: `The schema ${what}: make it simpler` };
}
