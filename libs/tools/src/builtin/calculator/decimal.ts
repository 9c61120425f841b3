import { type Rational, mathError } from './rational.js';

const MAX_EXACT_PLACES = 40n;
const SIGNIFICANT = 20;

export interface Decimal {
  readonly text: string;
  /** False when digits were rounded away: one third has no end. */
  readonly exact: boolean;
}

/** A number in decimal digits: all of them where they end soon, else rounded to 20 significant ones. */
export function toDecimal(value: Rational): Decimal {
  const places = placesNeeded(value.d);
  if (places !== undefined) return { text: written((value.n * 10n ** places) / value.d, Number(places)), exact: true };
  const magnitude = digits(value.n) - digits(value.d);
  const kept = Math.max(0, SIGNIFICANT - magnitude);
  return { text: written(roundHalfUp(value.n * 10n ** BigInt(kept), value.d), kept), exact: false };
}

/** The nearest double. */
export function toNumber(value: Rational): number {
  const number = Number(toDecimal(value).text);
  if (!Number.isFinite(number)) throw mathError('The result is too large to be calculated');
  return number;
}

/** `n / d` to the nearest integer, halves away from zero. */
export function roundHalfUp(n: bigint, d: bigint): bigint {
  const magnitude = (2n * (n < 0n ? -n : n) + d) / (2n * d);
  return n < 0n ? -magnitude : magnitude;
}

/** Decimal places of `1/d` where they end: then `d` has no prime factors but 2 and 5. */
function placesNeeded(d: bigint): bigint | undefined {
  let rest = d;
  let [twos, fives] = [0n, 0n];
  for (; rest % 2n === 0n && twos <= MAX_EXACT_PLACES; twos++) rest /= 2n;
  for (; rest % 5n === 0n && fives <= MAX_EXACT_PLACES; fives++) rest /= 5n;
  const places = twos > fives ? twos : fives;
  return rest === 1n && places <= MAX_EXACT_PLACES ? places : undefined;
}

function written(scaled: bigint, places: number): string {
  const negative = scaled < 0n;
  const text = (negative ? -scaled : scaled).toString().padStart(places + 1, '0');
  const whole = text.slice(0, text.length - places);
  const fraction = text.slice(text.length - places).replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}${fraction && `.${fraction}`}`;
}

function digits(value: bigint): number {
  return (value < 0n ? -value : value).toString().length;
}
