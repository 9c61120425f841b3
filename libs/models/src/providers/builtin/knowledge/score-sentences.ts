import type { Candidate } from './candidates.js';
import { type WeightedQuery, coveredShare } from './query.js';

/** Shorter sentences are not better ones: below this many terms length is no merit. */
const SHORT = 8;
/** Beside the words that match, which count 1 at most. */
const WEIGHT = { passage: 0.3, pairs: 0.2, number: 0.15 };
const ASKS_FOR_NUMBER =
  /\bhow (?:many|much|long|old|far|often|big|large|high|tall|fast|soon)\b|\bwhen\b|\bwhat (?:time|date|year|percentage)\b/i;

export interface ScoredSentence {
  readonly candidate: Candidate;
  readonly score: number;
}

/** How well each sentence answers, best first. Equal ones stay in the passages' order. */
export function scoreSentences(
  question: string,
  query: WeightedQuery,
  candidates: readonly Candidate[],
): ScoredSentence[] {
  const lexical = candidates.map(
    ({ terms, termSet }) => coveredShare(query, termSet) / Math.sqrt(Math.max(terms.length, SHORT)),
  );
  const bestLexical = Math.max(...lexical);
  const bestPassage = Math.max(...candidates.map(({ passage }) => passage.score));
  const number = ASKS_FOR_NUMBER.test(question) ? WEIGHT.number : 0;
  const score = ({ passage, terms }: Candidate, match: number) =>
    match / bestLexical +
    (bestPassage > 0 ? (WEIGHT.passage * Math.max(passage.score, 0)) / bestPassage : 0) +
    WEIGHT.pairs * pairShare(query, terms) +
    (terms.some((term) => /\d/.test(term)) ? number : 0);
  return candidates
    .map((candidate, index) => ({ candidate, score: score(candidate, lexical[index]!) }))
    .toSorted((a, b) => b.score - a.score);
}

function pairShare(query: WeightedQuery, terms: readonly string[]): number {
  if (query.pairs.length === 0) return 0;
  const said = query.pairs.filter(([one, two]) =>
    terms.some((term, index) => term === one && terms[index + 1] === two),
  );
  return said.length / query.pairs.length;
}
