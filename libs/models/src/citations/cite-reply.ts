import type { Citation } from '@guildhall/sdk';
import { sharedCount } from '../text/overlap.js';
import { type Span, sentences } from '../text/sentences.js';
import { contentTerms } from '../text/terms.js';
import type { NumberedPassage } from './passages.js';
import { quote } from './quote.js';

/** `[1]`, `[1, 3]`, `[1][3]`. */
const MARKER = /\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]/g;

/**
 * The citations of a model's answer: for each `[n]` the sentence of passage n that shares most with the sentence before
 * the marker. A number that no passage has is no citation: models invent them.
 */
export function citeReply(text: string, passages: readonly NumberedPassage[]): Citation[] {
  const byNumber = new Map(passages.map((passage) => [passage.number, passage]));
  const found = new Map<string, Citation>();
  for (const match of text.matchAll(MARKER)) {
    const claim = sentenceBefore(text, match.index);
    for (const number of match[1]!.split(',').map(Number)) {
      const passage = byNumber.get(number);
      const span = passage && closestSentence(passage.text, claim);
      if (span) found.set(`${number}:${span.start}`, quote(passage, span, number));
    }
  }
  return [...found.values()];
}

function sentenceBefore(text: string, marker: number): string {
  // Markers that stand together back one claim: look before all of them.
  const before = text.slice(0, marker).replace(/(?:\s*\[[\d,\s]+\])+\s*$/, '');
  const last = sentences(before).at(-1);
  return last ? before.slice(last.start, last.end) : before;
}

function closestSentence(text: string, claim: string): Span | undefined {
  const claimed = new Set(contentTerms(claim));
  let best: { span: Span; overlap: number } | undefined;
  for (const span of sentences(text)) {
    const terms = new Set(contentTerms(text.slice(span.start, span.end)));
    const overlap = sharedCount(terms, claimed) / Math.sqrt(Math.max(terms.size, 1));
    if (!best || overlap > best.overlap) best = { span, overlap };
  }
  return best?.span;
}
