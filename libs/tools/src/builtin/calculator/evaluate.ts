import { functions } from './functions.js';
import type { BinaryOperator, Expression } from './parse-expression.js';
import { toNumber } from './decimal.js';
import {
  type Rational,
  add,
  bits,
  divide,
  fromNumber,
  multiply,
  negate,
  power,
  remainder,
  subtract,
} from './rational.js';
import { syntaxError } from './tokenize.js';

export interface Evaluated {
  readonly value: Rational;
  /** False once a step could only be approximated: the root of two, a sine. */
  readonly exact: boolean;
}

const HUNDRED: Rational = { n: 100n, d: 1n };
const EXACT_POWER_BITS = 4096;

export function evaluate(expression: Expression): Evaluated {
  switch (expression.kind) {
    case 'number':
      return { value: expression.value, exact: true };
    case 'negate': {
      const { value, exact } = evaluate(expression.of);
      return { value: negate(value), exact };
    }
    case 'percent': {
      const { value, exact } = evaluate(expression.of);
      return { value: divide(value, HUNDRED), exact };
    }
    case 'call':
      return call(expression);
    case 'binary':
      return binary(expression);
  }
}

const operations = {
  '+': exactly(add),
  '-': exactly(subtract),
  '*': exactly(multiply),
  '/': exactly(divide),
  mod: exactly(remainder),
  '^': raise,
} satisfies Record<BinaryOperator, (a: Rational, b: Rational) => Evaluated>;

function binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): Evaluated {
  const a = evaluate(left);
  const b = evaluate(right);
  // `200 + 10%` is 220, as on every pocket calculator: the percentage is of what stands before it.
  const ofLeft = (operator === '+' || operator === '-') && right.kind === 'percent';
  const { value, exact } = operations[operator](a.value, ofLeft ? multiply(a.value, b.value) : b.value);
  return { value, exact: exact && a.exact && b.exact };
}

function exactly(operation: (a: Rational, b: Rational) => Rational) {
  return (a: Rational, b: Rational): Evaluated => ({ value: operation(a, b), exact: true });
}

function raise(base: Rational, exponent: Rational): Evaluated {
  const size = exponent.n < 0n ? -exponent.n : exponent.n;
  const whole = exponent.d === 1n;
  if (whole && size * BigInt(Math.max(bits(base.n), bits(base.d))) <= EXACT_POWER_BITS) {
    return { value: power(base, exponent.n), exact: true };
  }
  return { value: fromNumber(toNumber(base) ** toNumber(exponent)), exact: false };
}

function call({ name, args, at }: Extract<Expression, { kind: 'call' }>): Evaluated {
  const known = functions.get(name);
  if (!known) throw syntaxError(`'${name}' is none of ${[...functions.keys()].join(', ')},`, at);
  const [fewest, most] = known.takes;
  if (args.length < fewest || args.length > most) {
    throw syntaxError(`'${name}' takes ${describeCount(fewest, most)}, not ${args.length},`, at);
  }
  const values = args.map(evaluate);
  const result = known.apply(values.map(({ value }) => value));
  return { value: result.value, exact: result.exact && values.every(({ exact }) => exact) };
}

function describeCount(fewest: number, most: number): string {
  if (most === 0) return 'no arguments';
  if (most === Infinity) return `${fewest} or more arguments`;
  return fewest === most ? `${most} argument${most === 1 ? '' : 's'}` : `${fewest} to ${most} arguments`;
}
