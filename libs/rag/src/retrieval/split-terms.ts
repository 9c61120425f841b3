import type { QueryTerm } from './query-terms.js';

/** Postings that one query reads at most; a long query on a large collection would read all of it. */
export const POSTINGS_BUDGET = 200_000;
/** Chunks that the common terms of such a query are looked up for. */
export const CANDIDATES = 1000;

export interface SplitTerms {
  /** Rarest first: these find the candidates. */
  readonly finding: readonly QueryTerm[];
  /** These only add to the candidates' scores. */
  readonly adding: readonly QueryTerm[];
}

/** Takes the rarest terms, at least one, whose postings together keep to the budget. */
export function splitTerms(terms: readonly QueryTerm[], budget: number = POSTINGS_BUDGET): SplitTerms {
  const byRarity = terms.toSorted((a, b) => a.df - b.df);
  let sum = 0;
  const finding = byRarity.filter(({ df }, i) => (sum += df) <= budget || i === 0);
  return { finding, adding: byRarity.slice(finding.length) };
}
