import fc, { type Arbitrary } from 'fast-check';
import { FORBIDDEN_NAMES, NAUGHTY_STRINGS, PROTOTYPE_MEMBERS } from '../../fixtures/hostile-strings.js';

type Change = (value: unknown) => unknown;
export interface Mutation {
  /** Which of the values in the body, counted as they stand in it. */
  readonly at: number;
  readonly change: Change;
}

const NUMBERS = [0, -1, 1.5, 1e300, -1e300, 2 ** 31, 2 ** 53, -(2 ** 63), 5e-324];
const OTHERS: readonly unknown[] = [null, true, '', [], {}, [[]], { $ne: 1 }, [{}], ...NUMBERS, ...NAUGHTY_STRINGS];
const NAMES = [...PROTOTYPE_MEMBERS, ...FORBIDDEN_NAMES, 'id', 'tenantId', 'isAdmin', '$ref', 'a.b', '', '😀'];

/** An own field, whatever the name: assigning to `__proto__` would set none. */
const withField = (value: object, name: string, field: unknown): object =>
  Object.defineProperty({ ...value }, name, { value: field, enumerable: true, configurable: true, writable: true });

const withoutField = (value: object, at: number): object =>
  Object.fromEntries(Object.entries(value).filter((_, index, { length }) => index !== at % length));

const onObjects =
  (change: (value: object) => unknown): Change =>
  (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? change(value) : { a: value };

const nested =
  (levels: number): Change =>
  (value) => {
    let deep = value;
    for (let level = 0; level < levels; level++) deep = level % 2 === 0 ? [deep] : { a: deep };
    return deep;
  };

const change: Arbitrary<Change> = fc.oneof(
  fc.constantFrom(...OTHERS).map((other) => () => other),
  fc
    .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...OTHERS))
    .map(([name, other]) => onObjects((value) => withField(value, name, other))),
  fc.nat(20).map((at) => onObjects((value) => withoutField(value, at))),
  fc.constantFrom(2, 33, 500).map(nested),
  fc.constantFrom(2, 101, 3000).map(
    (length): Change =>
      (value) =>
        Array(length).fill(value),
  ),
);

export const mutation: Arbitrary<Mutation> = fc.record({ at: fc.nat(60), change });

/** The same value with the one that is meant changed; the whole of it is the first. */
export function mutate(value: unknown, { at, change }: Mutation): unknown {
  const target = at % count(value);
  let seen = 0;
  const visit = (one: unknown): unknown => {
    if (seen++ === target) return change(one);
    if (Array.isArray(one)) return one.map(visit);
    if (typeof one !== 'object' || one === null) return one;
    return Object.entries(one).reduce((made, [name, field]) => withField(made, name, visit(field)), {});
  };
  return visit(value);
}

function count(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, one) => sum + count(one), 1);
}
