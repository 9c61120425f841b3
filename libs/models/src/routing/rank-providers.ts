import type { BreakerState } from '@guildhall/core';

/** What counts in the choice of a provider, each 0..1, higher is better. */
export interface RankingParts {
  readonly health: number;
  readonly cost: number;
  readonly performance: number;
  readonly preference: number;
}

export type RankingWeights = RankingParts;

/** Of a provider that the caller said nothing about. */
export const NEUTRAL_PREFERENCE = 0.5;

export interface Ranked {
  readonly provider: string;
  /** 1 before 2: decides between equal scores. */
  readonly priority: number;
  readonly parts: RankingParts;
  readonly state: BreakerState;
}

const DECIMALS = 4;
const EQUAL = 1e-9;

/** Orders providers by their weighted score, best first; equal ones by priority, then by id. */
export function rankProviders<T extends Ranked>(
  providers: readonly T[],
  weights: RankingWeights,
): (T & { readonly score: number })[] {
  return providers
    .map((provider) => {
      const parts = rounded(provider.parts);
      return { ...provider, parts, score: round(scoreOf(parts, weights), DECIMALS + 2) };
    })
    .toSorted((a, b) =>
      Math.abs(a.score - b.score) > EQUAL
        ? b.score - a.score
        : a.priority - b.priority || (a.provider < b.provider ? -1 : 1),
    );
}

function scoreOf(parts: RankingParts, weights: RankingWeights): number {
  return (
    weights.health * parts.health +
    weights.cost * parts.cost +
    weights.performance * parts.performance +
    weights.preference * parts.preference
  );
}

/** What is shown is what was added up. */
function rounded({ health, cost, performance, preference }: RankingParts): RankingParts {
  return {
    health: round(health, DECIMALS),
    cost: round(cost, DECIMALS),
    performance: round(performance, DECIMALS),
    preference: round(preference, DECIMALS),
  };
}

function round(value: number, decimals: number): number {
  return Math.round(Math.min(Math.max(value, 0), 1) * 10 ** decimals) / 10 ** decimals;
}
