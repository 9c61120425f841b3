import type { NumberedPassage } from '../../../citations/passages.js';
import { type Candidate, candidatesOf } from './candidates.js';
import { diversify } from './diversify.js';
import { coveredShare, weighQuery } from './query.js';
import { scoreSentences } from './score-sentences.js';

/** Below this share of the question's weight a sentence does not speak of what was asked. */
const MIN_SHARE = 0.35;

/**
 * The sentences that answer the question, best first; none when the passages do not speak of it: an extractive answer
 * is right or absent.
 */
export function selectSentences(question: string, passages: readonly NumberedPassage[]): Candidate[] {
  const candidates = candidatesOf(passages);
  const query = weighQuery(question, candidates);
  const relevant = candidates.filter(
    ({ termSet, context }) => coveredShare(query, termSet) > 0 && coveredShare(query, termSet, context) >= MIN_SHARE,
  );
  return diversify(query, scoreSentences(question, query, relevant));
}
