import { roundHalfUp, toNumber } from './decimal.js';
import {
  type Rational,
  ZERO,
  add,
  compare,
  divide,
  exactRoot,
  floor,
  fromNumber,
  mathError,
  rational,
} from './rational.js';

interface Applied {
  readonly value: Rational;
  readonly exact: boolean;
}

interface CalculatorFunction {
  /** Fewest and most arguments. */
  readonly takes: readonly [number, number];
  apply(args: readonly Rational[]): Applied;
}

const MAX_PLACES = 30n;

/** What may be called by name; constants are functions of nothing. */
export const functions: ReadonlyMap<string, CalculatorFunction> = new Map<string, CalculatorFunction>([
  ['abs', exact(1, ([x]) => ({ n: x!.n < 0n ? -x!.n : x!.n, d: x!.d }))],
  ['sqrt', { takes: [1, 1], apply: ([x]) => squareRoot(x!) }],
  ['round', { takes: [1, 2], apply: ([x, places]) => ({ value: round(x!, places ?? ZERO), exact: true }) }],
  ['floor', exact(1, ([x]) => rational(floor(x!)))],
  ['ceil', exact(1, ([x]) => rational(-floor({ n: -x!.n, d: x!.d })))],
  ['trunc', exact(1, ([x]) => rational(x!.n / x!.d))],
  ['min', exact(Infinity, (all) => all.reduce((a, b) => (compare(b, a) < 0 ? b : a)))],
  ['max', exact(Infinity, (all) => all.reduce((a, b) => (compare(b, a) > 0 ? b : a)))],
  ['sum', exact(Infinity, (all) => all.reduce(add))],
  ['avg', exact(Infinity, (all) => divide(all.reduce(add), rational(BigInt(all.length))))],
  ['exp', approximate(Math.exp)],
  ['ln', approximate(Math.log)],
  ['log', approximate(Math.log10)],
  ['sin', approximate(Math.sin)],
  ['cos', approximate(Math.cos)],
  ['tan', approximate(Math.tan)],
  ['pi', { takes: [0, 0], apply: () => ({ value: fromNumber(Math.PI), exact: false }) }],
  ['e', { takes: [0, 0], apply: () => ({ value: fromNumber(Math.E), exact: false }) }],
]);

function exact(most: number, apply: (args: readonly Rational[]) => Rational): CalculatorFunction {
  return { takes: [1, most], apply: (args) => ({ value: apply(args), exact: true }) };
}

function approximate(apply: (x: number) => number): CalculatorFunction {
  return { takes: [1, 1], apply: ([x]) => ({ value: fromNumber(apply(toNumber(x!))), exact: false }) };
}

function squareRoot(x: Rational): Applied {
  if (x.n < 0n) throw mathError('A negative number has no real square root');
  const root = exactRoot(x);
  return root ? { value: root, exact: true } : { value: fromNumber(Math.sqrt(toNumber(x))), exact: false };
}

/** To that many decimal places, halves away from zero; negative places round to tens and hundreds. */
function round(x: Rational, places: Rational): Rational {
  if (places.d !== 1n || places.n > MAX_PLACES || places.n < -MAX_PLACES) {
    throw mathError(`round takes a whole number of places from -${MAX_PLACES} to ${MAX_PLACES}`);
  }
  const scale = 10n ** (places.n < 0n ? -places.n : places.n);
  return places.n < 0n
    ? rational(roundHalfUp(x.n, x.d * scale) * scale)
    : rational(roundHalfUp(x.n * scale, x.d), scale);
}
