import type { NumberedPassage } from '../../../citations/passages.js';
import { type Identifier, identifiersIn } from '../../../text/identifiers.js';
import { contentTerms } from '../../../text/terms.js';
import { type Candidate, candidatesOf } from './candidates.js';
import { diversify } from './diversify.js';
import { type Missing, missingOf, namesAll, namesTheSame } from './name-the-same.js';
import { type WeightedQuery, coveredShare, weighQuery } from './query.js';
import { scoreSentences } from './score-sentences.js';

/** Below this share of the question's weight a sentence, with what it refers to, does not speak of what was asked. */
const MIN_SHARE = 0.35;
/** So much of it the sentence must say itself. */
const MIN_OWN_SHARE = 0.2;
/** No single sentence says all of a longer question. */
const LONG_QUESTION = 8;

export interface Selection {
  readonly picked: readonly Candidate[];
  /** Where nothing was picked because the sentences speak of others of what the question names. */
  readonly missing?: Missing;
}

/**
 * The sentences that answer the question, best first; none when the passages do not speak of it: an extractive answer
 * is right or absent. What a tool was told by number (`handled`) the sentences need not name.
 */
export function selectSentences(
  question: string,
  passages: readonly NumberedPassage[],
  handled: readonly unknown[] = [],
): Selection {
  const candidates = candidatesOf(passages);
  const asked = identifiersIn(question).filter((one) => !isHandled(one, handled));
  const matter = withoutNumbers(question, asked);
  const query = weighQuery(matter, candidates);
  const relevant = relevantOf(query, candidates);
  const same = relevant.filter((one) => namesTheSame(asked, one));
  const exact = same.filter((one) => namesAll(asked, one));
  const picked = diversify(query, scoreSentences(question, query, exact.length > 0 ? exact : same));
  if (picked.length > 0 || asked.length === 0) return { picked };
  const missing = missingOf(asked, relevant);
  return { picked, ...(missing && { missing }) };
}

const isHandled = ({ value }: Identifier, handled: readonly unknown[]): boolean =>
  handled.some((input) => String(input).toLowerCase() === value);

/**
 * What is asked of the things that are named: whether a sentence names them is decided, and their many parts would
 * outweigh the rest. Where nothing else is asked, all of it.
 */
function withoutNumbers(question: string, asked: readonly Identifier[]): string {
  const matter = asked.reduce(
    (text, { kind, text: name }) => text.replace(name, kind === 'numbered' ? name.replace(/\P{L}+$/u, '') : ' '),
    question.normalize('NFKC'),
  );
  return contentTerms(matter).length > 0 ? matter : question;
}

function relevantOf(query: WeightedQuery, candidates: readonly Candidate[]): Candidate[] {
  const ease = Math.min(1, LONG_QUESTION / query.weights.size);
  return candidates.filter(
    ({ termSet, context }) =>
      coveredShare(query, termSet) >= MIN_OWN_SHARE * ease && coveredShare(query, termSet, context) >= MIN_SHARE * ease,
  );
}
