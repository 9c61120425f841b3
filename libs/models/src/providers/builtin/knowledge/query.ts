import { contentTerms } from '../../../text/terms.js';
import type { Candidate } from './candidates.js';
import { withinOneEdit } from './edit-distance.js';

/**
 * As if the passages stood among this many other sentences. The few sentences at hand say little about which words are
 * rare; the constant keeps a handful of them from deciding that a word in two of three sentences means nothing.
 */
const BACKGROUND = 50;
/** A name within a sentence: "refunds on Mars" is about Mars first, and passages that never mention it do not answer. */
const NAME = /(?<=[\p{L}\p{N}][,;:]?\s+)\p{Lu}[\p{L}\p{N}]+/gu;
const NAME_WEIGHT = 2;
const MIN_REPAIRED_LENGTH = 5;
/** What a compound has beside its part ("Versandkostenpauschale" for "Versandkosten"): less is an ending. */
const MIN_REST = 4;

/** A question as the terms that carry it, each with its weight. */
export interface WeightedQuery {
  readonly weights: ReadonlyMap<string, number>;
  readonly total: number;
  /** Neighbouring terms, for the bonus of a sentence that says them together. */
  readonly pairs: readonly (readonly [string, string])[];
}

export function weighQuery(question: string, candidates: readonly Candidate[]): WeightedQuery {
  const frequency = documentFrequency(candidates);
  const names = new Set(contentTerms((question.match(NAME) ?? []).join(' ')).map((term) => repaired(term, frequency)));
  const terms = contentTerms(question).map((term) => repaired(term, frequency));
  const weights = new Map<string, number>();
  const count = candidates.length + BACKGROUND;
  for (const term of terms) {
    const df = frequency.get(term) ?? 0;
    const rarity = Math.log(1 + (count - df + 0.5) / (df + 0.5));
    weights.set(term, names.has(term) ? NAME_WEIGHT * rarity : rarity);
  }
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return { weights, total, pairs: terms.slice(1).map((term, index) => [terms[index]!, term]) };
}

/** The share of the question's weight that these terms cover, 0..1. */
export function coveredShare(query: WeightedQuery, ...sets: readonly ReadonlySet<string>[]): number {
  let covered = 0;
  for (const [term, weight] of query.weights) if (sets.some((set) => set.has(term))) covered += weight;
  return query.total === 0 ? 0 : covered / query.total;
}

function documentFrequency(candidates: readonly Candidate[]): Map<string, number> {
  const frequency = new Map<string, number>();
  for (const { termSet } of candidates) {
    for (const term of termSet) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  }
  return frequency;
}

/** A word that the passages do not know is taken for the one they know that a single slip makes of it, or that holds it. */
function repaired(term: string, known: ReadonlyMap<string, number>): string {
  if (known.has(term) || term.length < MIN_REPAIRED_LENGTH || /\d/.test(term)) return term;
  for (const word of known.keys()) if (word[0] === term[0] && withinOneEdit(word, term)) return word;
  for (const word of known.keys()) if (word.length >= term.length + MIN_REST && word.includes(term)) return word;
  return term;
}
