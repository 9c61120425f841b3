/**
 * How large numbers from outside may be. Whoever reads one, from a request, a vendor's report or a row of long ago,
 * holds it to these, so that everything behind can add and multiply without a second thought.
 */

/** What one model call can have used: input or output. The longest contexts there are have a tenth of it. */
export const MAX_CALL_TOKENS = 100_000_000;
/** What an answer may be asked to be at most, in tokens. */
export const MAX_OUTPUT_TOKENS = 1_000_000;
/** Answers to one question. */
export const MAX_CHOICES = 128;
/** Micro-USD per million tokens. One call at this price, as long as can be, costs less than `MAX_MICRO_USD`. */
export const MAX_PRICE_PER_MTOK = 1_000_000_000_000;
/** Of a budget, or a limit on what something may cost: a billion US dollars. */
export const MAX_MICRO_USD = 1_000_000_000_000_000;
/** Of a limit on how long something may take: a week. A timer takes no more than three and a half. */
export const MAX_DURATION_MS = 604_800_000;
/** Of a number that is stored as `integer`: a version, the place of an event. */
export const MAX_INTEGER = 2_147_483_647;
/** Of the number that makes a model's choices repeatable, and as far below 0. */
export const MAX_SEED = Number.MAX_SAFE_INTEGER;
/** Where sums stop: the last number whose neighbours JavaScript tells apart, and a thousandth of what `bigint` holds. */
export const MAX_SUM = Number.MAX_SAFE_INTEGER;

/** Adds two counts; beyond `MAX_SUM` the sum stands still instead of losing digits. */
export const cappedSum = (a: number, b: number): number => Math.min(a + b, MAX_SUM);

/** The nearest whole number from 0 to `max`; 0 for what is no number. */
export function toCount(value: number, max: number): number {
  return value > 0 ? Math.min(Math.round(value), max) : 0;
}
