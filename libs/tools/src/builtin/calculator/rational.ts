import { UpstreamError } from '@guildhall/sdk';

/** An exact number: numerator over a positive denominator, in lowest terms. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

// Numbers as JSON holds them end at 2^1024, so nothing larger could be shown; it also bounds the work of one operation.
const MAX_BITS = 1024;

export const ZERO: Rational = { n: 0n, d: 1n };

/** A failure of the calculation itself, in the tool's own words. */
export function mathError(message: string): UpstreamError {
  return new UpstreamError('tool_failed', message, { retryable: false });
}

export function rational(n: bigint, d = 1n): Rational {
  if (d === 0n) throw mathError('Division by zero has no result');
  const divisor = gcd(n < 0n ? -n : n, d < 0n ? -d : d) * (d < 0n ? -1n : 1n);
  const result = { n: n / divisor, d: d / divisor };
  if (bits(result.n) > MAX_BITS + bits(result.d) || bits(result.d) > 4 * MAX_BITS) {
    throw mathError('The result is too large or too fine to be calculated');
  }
  return result;
}

export const add = (a: Rational, b: Rational) => rational(a.n * b.d + b.n * a.d, a.d * b.d);
export const subtract = (a: Rational, b: Rational) => rational(a.n * b.d - b.n * a.d, a.d * b.d);
export const multiply = (a: Rational, b: Rational) => rational(a.n * b.n, a.d * b.d);
export const divide = (a: Rational, b: Rational) => rational(a.n * b.d, a.d * b.n);
export const negate = (a: Rational): Rational => ({ n: -a.n, d: a.d });
export const compare = (a: Rational, b: Rational) => Number(a.n * b.d - b.n * a.d > 0n) - Number(a.n * b.d < b.n * a.d);

/** The remainder with the sign of the dividend, as in most languages. */
export function remainder(a: Rational, b: Rational): Rational {
  const quotient = divide(a, b);
  return subtract(a, multiply(rational(quotient.n / quotient.d), b));
}

/** The largest integer not above. */
export function floor({ n, d }: Rational): bigint {
  return n >= 0n || n % d === 0n ? n / d : n / d - 1n;
}

/** An integer power by squaring. */
export function power(base: Rational, exponent: bigint): Rational {
  if (exponent < 0n) return power(divide({ n: 1n, d: 1n }, base), -exponent);
  let result: Rational = { n: 1n, d: 1n };
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(result, square);
    if (rest > 1n) square = multiply(square, square);
  }
  return result;
}

/** The exact square root, where there is one. */
export function exactRoot({ n, d }: Rational): Rational | undefined {
  const [top, bottom] = [integerRoot(n), integerRoot(d)];
  return top * top === n && bottom * bottom === d ? { n: top, d: bottom } : undefined;
}

/** Exactly the double's value, as its shortest decimal text reads. */
export function fromNumber(value: number): Rational {
  if (Number.isNaN(value)) throw mathError('The result is not a real number');
  if (!Number.isFinite(value)) throw mathError('The result is too large to be calculated');
  return fromDecimal(String(value));
}

/** Reads `12`, `.5`, `1.25e-3`. */
export function fromDecimal(text: string): Rational {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const scale = Number(exponent) - fraction.length;
  if (Math.abs(scale) > MAX_BITS) throw mathError(`The number ${text.slice(0, 40)} is too large or too fine`);
  const digits = BigInt(whole + fraction);
  return scale >= 0 ? rational(digits * 10n ** BigInt(scale)) : rational(digits, 10n ** BigInt(-scale));
}

/** How long a number is in binary, to within four. */
export function bits(value: bigint): number {
  return (value < 0n ? -value : value).toString(16).length * 4;
}

function gcd(a: bigint, b: bigint): bigint {
  while (b > 0n) [a, b] = [b, a % b];
  return a > 0n ? a : 1n;
}

function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}
