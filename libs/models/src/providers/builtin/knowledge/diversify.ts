import { similarity } from '../../../text/overlap.js';
import type { Candidate } from './candidates.js';
import { type WeightedQuery, coveredShare } from './query.js';
import type { ScoredSentence } from './score-sentences.js';

const MAX_SENTENCES = 3;
const RELEVANCE_OVER_NOVELTY = 0.7;
/** Above this two sentences are the same: neighbouring chunks share one. */
const SAME = 0.8;
/** A further sentence must be nearly as good as the first, or passable and speak of what no picked one spoke of. */
const NEARLY_AS_GOOD = 0.75;
const PASSABLE = 0.4;

/** Maximal marginal relevance: the best sentence, then those that are relevant and not what was said already. */
export function diversify(query: WeightedQuery, scored: readonly ScoredSentence[]): Candidate[] {
  const best = scored[0];
  if (!best) return [];
  const picked = [best.candidate];
  const relevance = ({ score }: ScoredSentence) => score / best.score;
  const closeness = ({ candidate }: ScoredSentence) =>
    Math.max(...picked.map((other) => similarity(candidate.termSet, other.termSet)));
  const marginal = (entry: ScoredSentence) =>
    RELEVANCE_OVER_NOVELTY * relevance(entry) - (1 - RELEVANCE_OVER_NOVELTY) * closeness(entry);
  const worthSaying = (entry: ScoredSentence) =>
    relevance(entry) >= (addsCoverage(query, picked, entry.candidate) ? PASSABLE : NEARLY_AS_GOOD);

  while (picked.length < MAX_SENTENCES) {
    const next = scored
      .filter((entry) => closeness(entry) < SAME && worthSaying(entry))
      .map((entry) => ({ entry, marginal: marginal(entry) }))
      .toSorted((a, b) => b.marginal - a.marginal)[0];
    if (!next) break;
    picked.push(next.entry.candidate);
  }
  return picked;
}

function addsCoverage(query: WeightedQuery, picked: readonly Candidate[], candidate: Candidate): boolean {
  const said = picked.map(({ termSet }) => termSet);
  return coveredShare(query, ...said, candidate.termSet) > coveredShare(query, ...said);
}
