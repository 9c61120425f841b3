import type { BreakerState } from '@guildhall/core';
import type { ProviderModel } from '@guildhall/sdk';
import type { CallSummary } from './call-window.js';

/** Half the points: what a middling model costs per million tokens, in micro-USD, and takes to answer, in ms. */
const MIDDLING_PRICE = 1_000_000;
const MIDDLING_LATENCY_MS = 1_000;
/** Prompts are longer than answers. */
const INPUT_SHARE = 0.75;

/**
 * Health from the calls of the last minutes; a provider that was never called is taken for healthy. Half-open counts as
 * healthy too: the one probe that the breaker lets through must happen for the provider to come back.
 */
export function healthPart(state: BreakerState, { succeeded, failed }: CallSummary): number {
  if (state === 'open') return 0;
  if (state === 'half_open') return 1;
  return (succeeded + 1) / (succeeded + failed + 1);
}

/** Free is 1, the dearer the closer to 0. A model without a price costs nothing, as in its accounts. */
export function costPart({ inputPricePerMTok = 0, outputPricePerMTok = 0 }: Partial<ProviderModel>): number {
  const price = INPUT_SHARE * inputPricePerMTok + (1 - INPUT_SHARE) * outputPricePerMTok;
  return MIDDLING_PRICE / (MIDDLING_PRICE + price);
}

/** Instant is 1, one second is the middle; undefined without a measurement. */
export function performancePart({ medianMs }: CallSummary): number | undefined {
  return medianMs === undefined ? undefined : MIDDLING_LATENCY_MS / (MIDDLING_LATENCY_MS + medianMs);
}

/** As if it had answered that many times at everybody's pace: a slow first call must not be the last one it gets. */
const AVERAGE_CALLS = 5;

/** A measurement counts the more, the more calls it is made of. */
export function weighedPerformance({ succeeded }: CallSummary, measured: number | undefined, average: number): number {
  const own = measured ?? average;
  return (own * succeeded + average * AVERAGE_CALLS) / (succeeded + AVERAGE_CALLS);
}

/** What is not measured is taken for average, so that being called first is no merit of its own. */
export function averageOf(measured: readonly (number | undefined)[]): number {
  const known = measured.filter((part) => part !== undefined);
  return known.length === 0 ? 0.5 : known.reduce((sum, part) => sum + part, 0) / known.length;
}
