import type { Citation } from '@guildhall/sdk';
import { sharedCount } from '../text/overlap.js';
import { type Span, sentences } from '../text/sentences.js';
import { contentTerms } from '../text/terms.js';
import type { NumberedPassage } from './passages.js';
import { quote } from './quote.js';

/** `[1]`, `[1, 3]`, `[1][3]`. */
const MARKER = /\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]/g;
/** Markers that stand together back one claim: look before all of them. */
const MARKERS_AT_END = /(?:\s*\[[\d,\s]+\])+\s*$/;
/** A reply may be as long as its model likes; the work on it may not. */
const MAX_MARKERS = 200;
const MAX_CLAIM_LENGTH = 1000;

/**
 * The citations of a model's answer: for each `[n]` the sentence of passage n that shares most with the sentence before
 * the marker. A number that no passage has is no citation: models invent them.
 */
export function citeReply(text: string, passages: readonly NumberedPassage[]): Citation[] {
  const sources = new Map(passages.map((passage) => [passage.number, new Source(passage)]));
  const found = new Map<string, Citation>();
  let markers = 0;
  for (const match of text.matchAll(MARKER)) {
    if (sources.size === 0 || ++markers > MAX_MARKERS) break;
    const claim = sentenceBefore(text.slice(Math.max(0, match.index - MAX_CLAIM_LENGTH), match.index));
    for (const number of match[1]!.split(',').map(Number)) {
      const source = sources.get(number);
      const span = source?.closestSentence(claim);
      if (source && span) found.set(`${number}:${span.start}`, quote(source.passage, span, number));
    }
  }
  return [...found.values()];
}

function sentenceBefore(text: string): string {
  const before = text.replace(MARKERS_AT_END, '');
  const last = sentences(before).at(-1);
  return last ? before.slice(last.start, last.end) : before;
}

/** A passage as its sentences, taken apart when the first marker names it. */
class Source {
  private split: readonly { readonly span: Span; readonly terms: ReadonlySet<string> }[] | undefined;

  constructor(readonly passage: NumberedPassage) {}

  closestSentence(claim: string): Span | undefined {
    this.split ??= sentences(this.passage.text).map((span) => ({
      span,
      terms: new Set(contentTerms(this.passage.text.slice(span.start, span.end))),
    }));
    const claimed = new Set(contentTerms(claim));
    let best: { readonly span: Span; readonly overlap: number } | undefined;
    for (const { span, terms } of this.split) {
      const overlap = sharedCount(terms, claimed) / Math.sqrt(Math.max(terms.size, 1));
      if (!best || overlap > best.overlap) best = { span, overlap };
    }
    return best?.span;
  }
}
