import fc from 'fast-check';
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

const refusal = (schema: Record<string, unknown>, root?: string): ValidationError => {
  try {
    compileSchema(schema, root);
  } catch (error) {
    return error as ValidationError;
  }
  throw new Error('It was compiled');
};

describe('a compiled schema', () => {
  it('finds nothing wrong with a value that satisfies it', () => {
    expect(compileSchema(PERSON).faultsOf({ name: 'Ada', mood: 'glad', mail: 'ada@example.org' })).toEqual([]);
  });

  it('names every fault at its path, with what would mend it', () => {
    const value = { mood: 'angry', mail: 'nobody', tags: ['a', 7], 'a/b': 2, age: 5 };
    const faults = compileSchema(PERSON).faultsOf(value, 'reply');
    expect(faults.map(({ path, message }) => `${path}: ${message}`).toSorted()).toEqual([
      'reply.a/b: must be 1',
      'reply.mail: must match format "email"',
      'reply.mood: must be one of ["glad","sad"]',
      'reply.tags[1]: must be string',
      "reply: must have required property 'name'",
      "reply: must not have the property 'age'",
    ]);
  });

  it('lists the first of very many', () => {
    const value = Array.from({ length: 1000 }, () => 'x');
    const faults = compileSchema({ type: 'array', items: { type: 'number' } }).faultsOf(value);
    expect(faults).toHaveLength(21);
    expect(faults.at(-1)).toMatchObject({ code: 'more_faults', message: '980 more faults are not listed' });
  });

  it('is compiled once for the same text', () => {
    const first = compileSchema({ type: 'string', title: 'kept' });
    expect(compileSchema({ type: 'string', title: 'kept' })).toBe(first);
    expect(compileSchema({ type: 'string', title: 'another' })).not.toBe(first);
  });

  it('agrees with JSON about what is an integer, whatever the value', () => {
    const schema = compileSchema({ type: 'integer' });
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(schema.faultsOf(value).length === 0).toBe(Number.isInteger(value));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a schema that is none', () => {
  it('is refused with the path of each fault', () => {
    const { code, category, details } = refusal(
      { type: 'object', properties: { a: { type: 'strin' }, b: { minLength: -1 } } },
      'outputSchema',
    );
    expect([code, category]).toEqual(['invalid_schema', 'validation']);
    expect(details!.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['outputSchema.properties.a.type', 'outputSchema.properties.b.minLength']),
    );
  });

  it.each([
    ['a reference that leads nowhere', { $ref: '#/$defs/missing' }, /resolve reference/],
    ['a reference to another place', { $ref: 'https://example.org/schema.json' }, /resolve reference/],
    ['a pattern that is none', { type: 'string', pattern: '(' }, /regular expression/i],
    ['another dialect', { $schema: 'http://json-schema.org/draft-04/schema#' }, /draft-04/],
    ['validation that promises', { $async: true, type: 'string' }, /\$async/],
    ['too much of it', { description: 'x'.repeat(70_000) }, /70018 bytes/],
  ])('is refused: %s', (_, schema, message) => {
    const error = refusal(schema, 'outputSchema');
    expect(error.message).toMatch(message);
    expect(error.details).toEqual([expect.objectContaining({ path: 'outputSchema' })]);
  });
});

describe('a hostile schema', () => {
  it.each([
    ['a pattern that backtracks', { type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(40)}b`],
    [
      'references that multiply',
      {
        $defs: Object.fromEntries(
          Array.from({ length: 30 }, (_, at) => {
            const next = { $ref: `#/$defs/d${at + 1}` };
            return [`d${at}`, { allOf: [next, next] }];
          }).concat([['d30', { type: 'string' } as never]]),
        ),
        $ref: '#/$defs/d0',
      },
      7,
    ],
  ])('does not hold the process: %s', (_, schema, value) => {
    const began = performance.now();
    expect(compileSchema(schema).faultsOf(value)).toEqual([expect.objectContaining({ code: 'too_complex' })]);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('works again after it was stopped', () => {
    compileSchema({ type: 'string', pattern: '^(a+)+$' }).faultsOf(`${'a'.repeat(40)}b`);
    expect(compileSchema({ type: 'string', pattern: '^(a+)+$' }).faultsOf('aa')).toEqual([]);
  });
});
