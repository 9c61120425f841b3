import type { Citation } from '@guildhall/sdk';
import { sharedCount } from '../text/overlap.js';
import { type Span, sentences } from '../text/sentences.js';
import { contentTerms } from '../text/terms.js';
import { markersIn, withoutMarkersAtEnd } from './markers.js';
import type { NumberedPassage } from './passages.js';
import { quote } from './quote.js';

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
  for (const { at, numbers } of markersIn(text)) {
    if (sources.size === 0 || ++markers > MAX_MARKERS) break;
    const claim = sentenceBefore(text.slice(Math.max(0, at - MAX_CLAIM_LENGTH), at));
    for (const number of new Set(numbers)) {
      const source = sources.get(number);
      const span = source?.closestSentence(claim);
      if (source && span) found.set(`${number}:${span.start}`, quote(source.passage, span, number));
    }
  }
  return [...found.values()];
}

function sentenceBefore(text: string): string {
  const before = withoutMarkersAtEnd(text);
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
