import type { NumberedPassage } from '../../../citations/passages.js';
import { type Candidate, candidatesOf } from './candidates.js';
import { diversify } from './diversify.js';
import { coveredShare, weighQuery } from './query.js';
import { scoreSentences } from './score-sentences.js';

/** Below this share of the question's weight a sentence, with what it refers to, does not speak of what was asked. */
const MIN_SHARE = 0.35;
/** So much of it the sentence must say itself. */
const MIN_OWN_SHARE = 0.2;
/** No single sentence says all of a longer question. */
const LONG_QUESTION = 8;

/**
 * The sentences that answer the question, best first; none when the passages do not speak of it: an extractive answer
 * is right or absent.
 */
export function selectSentences(question: string, passages: readonly NumberedPassage[]): Candidate[] {
  const candidates = candidatesOf(passages);
  const query = weighQuery(question, candidates);
  const ease = Math.min(1, LONG_QUESTION / query.weights.size);
  const relevant = candidates.filter(
    ({ termSet, context }) =>
      coveredShare(query, termSet) >= MIN_OWN_SHARE * ease && coveredShare(query, termSet, context) >= MIN_SHARE * ease,
  );
  return diversify(query, scoreSentences(question, query, relevant));
}
