import { Transform, Type } from 'class-transformer';
import { Allow, IsInt, IsObject, IsString } from 'class-validator';
import { instantiate } from './instantiate.js';
import { Nested, NestedList } from './nested.decorator.js';
import { Optional } from './optional.decorator.js';
import { createValidationPipe } from './validation.pipe.js';

const PROTOTYPE_MEMBERS = Object.getOwnPropertyNames(Object.prototype).filter(
  (name) => name !== '__proto__' && name !== 'constructor',
);

class Part {
  @IsString()
  name!: string;
}

class Whole {
  @Nested(() => Part)
  part!: Part;

  @Optional()
  @NestedList(() => Part)
  parts?: Part[];

  @Optional()
  @IsObject()
  metadata?: Record<string, unknown>;

  @Type(() => Number)
  @IsInt()
  limit: number = 20;

  @Allow()
  @Transform(({ value }) => (value === 'true' ? true : value))
  total?: unknown;
}

const faultsOf = (value: unknown, type: 'body' | 'query' = 'body') =>
  (createValidationPipe().transform(value, { type, metatype: Whole }) as Promise<unknown>).then(
    () => [],
    ({ details }: { details: { path: string; code: string }[] }) => details.map(({ path, code }) => [path, code]),
  );

describe('instantiate', () => {
  it('makes the classes that fields have, converts, and keeps defaults', () => {
    const whole = instantiate(Whole, { part: { name: 'a' }, parts: [{ name: 'b' }], total: 'true' });
    expect(whole).toEqual({ part: { name: 'a' }, parts: [{ name: 'b' }], limit: 20, total: true });
    expect([whole.part, whole.parts![0]].every((part) => part instanceof Part)).toBe(true);
    expect(instantiate(Whole, { limit: '7' }).limit).toBe(7);
  });

  it('leaves a free-form value as it is, whatever its keys', () => {
    const metadata = Object.fromEntries(PROTOTYPE_MEMBERS.map((name) => [name, { [name]: name }]));
    expect(instantiate(Whole, { metadata }).metadata).toBe(metadata);
  });

  it('leaves values of the wrong shape to the rules', () => {
    expect(instantiate(Whole, { part: 'x', parts: { name: 'y' } })).toMatchObject({ part: 'x', parts: { name: 'y' } });
  });
});

describe('the validation pipe', () => {
  it.each(PROTOTYPE_MEMBERS)('takes %s for an unknown field, wherever it stands', async (name) => {
    const part = { name: 'a' };
    expect(await faultsOf({ part, [name]: 1 })).toEqual([[name, 'unknown_field']]);
    expect(await faultsOf({ part: { ...part, [name]: 1 } })).toEqual([[`part.${name}`, 'unknown_field']]);
    expect(await faultsOf({ part, parts: [{ ...part, [name]: 1 }] })).toEqual([[`parts[0].${name}`, 'unknown_field']]);
  });

  it.each([...PROTOTYPE_MEMBERS, 'constructor', 'prototype', '__proto__'])(
    'takes the query parameter %s for an unknown one',
    async (name) => {
      const query = Object.assign(Object.create(null) as object, { part: { name: 'a' }, [name]: '1' });
      expect(await faultsOf(query, 'query')).toEqual([[name, 'unknown_field']]);
    },
  );
});
