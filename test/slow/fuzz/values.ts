import fc, { type Arbitrary } from 'fast-check';
import { NAUGHTY_STRINGS, NAUGHTY_URLS } from '../../fixtures/hostile-strings.js';
import { type OpenApi, type Schema, resolveSchema } from './document.js';

const DEPTH = 5;
const some = <T>(...values: readonly T[]): Arbitrary<T> => fc.constantFrom(...values);

/** Stands for the id of something that is there when the request is sent: `@agents/3`. */
export const knownId = (collection: string): Arbitrary<string> => fc.nat(9).map((at) => `@${collection}/${at}`);

export const anyText: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: some('a', 'echo', 'local', 'scripted', 'calculator', 'What is 2 + 2?', 'runs:read', 'day') },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 1, arbitrary: some(...NAUGHTY_STRINGS) },
);

const FORMATS: Readonly<Record<string, Arbitrary<string>>> = {
  uuid: fc.oneof(fc.uuid(), knownId('runs')),
  'date-time': fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  uri: fc.oneof(fc.webUrl(), some(...NAUGHTY_URLS)),
};

/** What the schema takes, by its words; what it says in prose is the server's to refuse. */
export function valuesOf(schema: Schema, document: OpenApi, name = '', depth = 0): Arbitrary<unknown> {
  const of = (one: Schema, of = name) => valuesOf(one, document, of, depth + 1);
  const whole = resolveSchema(schema, document);
  const alternatives = whole.oneOf ?? whole.anyOf;
  if (whole.enum) return some(...whole.enum);
  if (alternatives) return fc.oneof(...alternatives.map((one) => of(one)));
  if (whole.allOf) return fc.tuple(...whole.allOf.map((one) => of(one))).map((parts) => parts.at(-1));
  const types = [whole.type ?? []].flat();
  if (types.length === 0) return fc.jsonValue({ maxDepth: 2 });
  return fc.oneof(...types.map((type) => typed(type, whole, of, name, depth)));
}

function typed(
  type: string,
  schema: Schema,
  of: (schema: Schema, name?: string) => Arbitrary<unknown>,
  name: string,
  depth: number,
): Arbitrary<unknown> {
  const { minimum = -1000, maximum = 1000, minItems = 0, properties = {}, items = {} } = schema;
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.oneof(some(minimum, maximum), fc.integer({ min: minimum, max: Math.min(maximum, minimum + 100) }));
    case 'number':
      return fc.oneof(some(minimum, maximum), fc.double({ min: minimum, max: maximum, noNaN: true }));
    case 'string':
      return textOf(schema, name);
    case 'array':
      return depth > DEPTH
        ? fc.constant([])
        : fc.array(of(items, name.replace(/s$/, '')), { minLength: minItems, maxLength: minItems + 3 });
    default:
      if (depth > DEPTH || Object.keys(properties).length === 0)
        return fc.dictionary(anyText, fc.jsonValue(), { maxKeys: 3 });
      return fc.record(Object.fromEntries(Object.entries(properties).map(([field, one]) => [field, of(one, field)])), {
        requiredKeys: [...(schema.required ?? [])],
      });
  }
}

function textOf({ pattern, format = '', minLength = 0, maxLength = 1000 }: Schema, name: string): Arbitrary<string> {
  const collection = /^(\w+)Ids?$/.exec(name)?.[1];
  if (collection)
    return fc.oneof({ weight: 4, arbitrary: knownId(`${collection}s`) }, { weight: 1, arbitrary: anyText });
  if (pattern?.startsWith('^')) return fc.stringMatching(new RegExp(pattern, 'u'));
  if (/url$/i.test(name)) return FORMATS['uri']!;
  const text = FORMATS[format] ?? anyText;
  return fc.oneof(
    { weight: 5, arbitrary: text.map((one) => one.slice(0, maxLength).padEnd(minLength, 'x')) },
    { weight: 1, arbitrary: fc.constant('y'.repeat(Math.min(maxLength + 1, 100_000))) },
  );
}
