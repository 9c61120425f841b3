import fc from 'fast-check';
import { z } from 'zod';
import type { ValidationError } from '@guildhall/sdk';
import { compileSchema } from './compile-schema.js';

const PERSON = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1 },
    mood: { enum: ['glad', 'sad'] },
    mail: { type: 'string', format: 'email' },
    tags: { type: 'array', items: { type: 'string' } },
    'a/b': { const: 1 },
  },
  required: ['name'],
  additionalProperties: false,
};

const refusal = async (schema: Record<string, unknown>, root?: string): Promise<ValidationError> =>
  compileSchema(schema, root).then(
    () => {
      throw new Error('It was compiled');
    },
    (error: ValidationError) => error,
  );

const faultsOf = async (schema: Record<string, unknown>, value: unknown, root?: string) =>
  (await compileSchema(schema)).faultsOf(value, root);

describe('a compiled schema', () => {
  it('finds nothing wrong with a value that satisfies it', async () => {
    expect(await faultsOf(PERSON, { name: 'Ada', mood: 'glad', mail: 'ada@example.org' })).toEqual([]);
  });

  it('names every fault at its path, with what would mend it', async () => {
    const value = { mood: 'angry', mail: 'nobody', tags: ['a', 7], 'a/b': 2, age: 5 };
    const faults = await faultsOf(PERSON, value, 'reply');
    expect(faults.map(({ path, message }) => `${path}: ${message}`).toSorted()).toEqual([
      'reply.a/b: must be 1',
      'reply.mail: must match format "email"',
      'reply.mood: must be one of ["glad","sad"]',
      'reply.tags[1]: must be string',
      "reply: must have required property 'name'",
      "reply: must not have the property 'age'",
    ]);
  });

  it('lists the first of very many', async () => {
    const value = Array.from({ length: 1000 }, () => 'x');
    const faults = await faultsOf({ type: 'array', items: { type: 'number' } }, value);
    expect(faults).toHaveLength(21);
    expect(faults.at(-1)).toMatchObject({ code: 'more_faults', message: '980 more faults are not listed' });
  });

  it('agrees with JSON about what is an integer, whatever the value', async () => {
    const schema = await compileSchema({ type: 'integer' });
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        expect((await schema.faultsOf(value)).length === 0).toBe(Number.isInteger(value));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a schema that is none', () => {
  it('is refused with the path of each fault', async () => {
    const { code, category, details } = await refusal(
      { type: 'object', properties: { a: { type: 'strin' }, b: { minLength: -1 } } },
      'outputSchema',
    );
    expect([code, category]).toEqual(['invalid_schema', 'validation']);
    expect(details!.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['outputSchema.properties.a.type', 'outputSchema.properties.b.minLength']),
    );
  });

  it.each([
    ['a reference that leads nowhere', { $ref: '#/$defs/missing' }, '$ref', /'#\/\$defs\/missing' leads nowhere/],
    [
      'a reference to another place',
      { properties: { a: { $ref: 'https://example.org/schema.json' } } },
      'properties.a.$ref',
      /'https:\/\/example.org\/schema.json' leads out of the schema.*copy what it names/,
    ],
    ['a pattern that is none', { type: 'string', pattern: '(' }, 'pattern', /regular expression/],
    ['a pattern that looks ahead', { items: { pattern: '^(?!x)' } }, 'items.pattern', /RE2, which has no lookaround/],
    [
      'a pattern that looks back',
      { patternProperties: { '(a)\\1': {} } },
      'patternProperties.(a)\\1',
      /back-references/,
    ],
    ['a pattern of great length', { anyOf: [{ pattern: 'a'.repeat(1001) }] }, 'anyOf[0].pattern', /1000 characters/],
    ['very many patterns', { allOf: times(201, (at) => ({ pattern: `a${at}` })) }, 'allOf[0].pattern', /200 patterns/],
    [
      'an unknown dialect',
      { $schema: 'https://example.org/mine' },
      '$schema',
      /'https:\/\/example.org\/mine' is no.*draft-07/,
    ],
    [
      'a dialect before draft-04',
      { $schema: 'http://json-schema.org/draft-03/schema#' },
      '$schema',
      /draft-04.*2020-12/,
    ],
    ['validation that promises', { properties: { a: { $async: true } } }, 'properties.a.$async', /\$async/],
    ['very many alternatives', { anyOf: times(2001, () => ({})) }, 'anyOf[1]', /2000 schemas/],
    ['great depth', times(40, String).reduce<object>((inner) => ({ items: inner }), {}), /items$/, /nest 32/],
    ['too much of it', { description: 'x'.repeat(70_000) }, '', /70018 bytes/],
  ])('is refused: %s', async (_, schema, place, message) => {
    const { details } = await refusal(schema as Record<string, unknown>, 'outputSchema');
    const path =
      place instanceof RegExp ? expect.stringMatching(place) : ['outputSchema', place].filter(Boolean).join('.');
    expect(details).toEqual([expect.objectContaining({ path, message: expect.stringMatching(message) })]);
  });
});

describe('a schema that could hold the process', () => {
  it.each([
    ['a pattern that others backtrack over', { type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(40)}b`, 'pattern'],
    ['a reference to itself', { $ref: '#' }, 7, 'too_complex'],
  ])('does not: %s', async (_, schema, value, code) => {
    expect(await faultsOf(schema, value)).toEqual([expect.objectContaining({ code })]);
    expect(await faultsOf({ type: 'string', format: 'date' }, '2026-02-30')).toHaveLength(1);
  });
});

describe('a dialect', () => {
  const URIS = ['draft-04', 'draft-06', 'draft-07', 'draft/2019-09', 'draft/2020-12'].flatMap((name) =>
    ['http', 'https'].flatMap((scheme) => ['', '#'].map((end) => `${scheme}://json-schema.org/${name}/schema${end}`)),
  );

  it('is what $schema says, with and without TLS and fragment', async () => {
    const leaf = fc.constantFrom<object>({ type: 'string' }, { type: 'integer', minimum: 0 }, { enum: ['a', 1, null] });
    const schema = fc.letrec<{ node: object }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.record({ type: fc.constant('array'), items: tie('node') }),
        fc.record({ type: fc.constant('object'), properties: fc.dictionary(fc.constantFrom('a', 'b'), tie('node')) }),
        fc.record({ anyOf: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
      ),
    })).node;
    await fc.assert(
      fc.asyncProperty(schema, fc.constantFrom(...URIS), fc.jsonValue(), async (body, $schema, value) => {
        const faults = await faultsOf({ ...body, $schema }, value);
        expect(faults).toEqual(await faultsOf({ ...body }, value));
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['http://json-schema.org/draft-04/schema#', { minimum: 1, exclusiveMinimum: true }, 1, 2],
    ['http://json-schema.org/draft-06/schema#', { exclusiveMinimum: 1 }, 1, 2],
    [
      'http://json-schema.org/draft-07/schema#',
      { items: [{ type: 'string' }], additionalItems: false },
      ['a', 1],
      ['a'],
    ],
    ['https://json-schema.org/draft/2019-09/schema', { dependentRequired: { a: ['b'] } }, { a: 1 }, { a: 1, b: 1 }],
    [undefined, { prefixItems: [{ type: 'string' }], items: false }, ['a', 1], ['a']],
  ])('has its own words: %s', async ($schema, words, wrong, right) => {
    const schema = $schema === undefined ? words : { $schema, ...words };
    expect(await faultsOf(schema, wrong)).not.toEqual([]);
    expect(await faultsOf(schema, right)).toEqual([]);
  });

  it('refuses the words of another', async () => {
    expect((await refusal({ minimum: 1, exclusiveMinimum: true })).details).toMatchObject([
      { path: 'exclusiveMinimum' },
    ]);
  });

  it.each([
    { $ref: '#/definitions/name', definitions: { name: { type: 'string' } } },
    { $ref: '#/$defs/name', $defs: { name: { type: 'string' } } },
    { $id: 'https://example.org/a.json', $ref: 'name.json', $defs: { name: { $id: 'name.json', type: 'string' } } },
    { $ref: '#name', $defs: { name: { $anchor: 'name', type: 'string' } } },
  ])('knows references into the schema itself: %j', async (schema) => {
    expect(await faultsOf(schema, 'Ada')).toEqual([]);
    expect(await faultsOf(schema, 7)).toMatchObject([{ code: 'type' }]);
  });

  it('takes what zod writes for its own formats, also where it looks ahead', async () => {
    const type = z.object({ mail: z.email(), took: z.iso.duration(), at: z.iso.datetime(), host: z.hostname() });
    const schema = z.toJSONSchema(type, { target: 'draft-7' }) as Record<string, unknown>;
    const value = { mail: 'ada@example.org', took: 'P1D', at: '2026-02-28T10:00:00Z', host: 'example.org' };
    expect(await faultsOf(schema, value)).toEqual([]);
    const faults = await faultsOf(schema, { ...value, took: 'PT' });
    expect(faults).toEqual(expect.arrayContaining([expect.objectContaining({ path: 'took', code: 'pattern' })]));
  });
});

function times<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}
