import type { NumberedPassage } from '../../../citations/passages.js';
import { type Span, sentences } from '../../../text/sentences.js';
import { contentTerms } from '../../../text/terms.js';

/** A sentence that may answer, with what is needed to weigh it. */
export interface Candidate {
  readonly passage: NumberedPassage;
  readonly span: Span;
  readonly terms: readonly string[];
  readonly termSet: ReadonlySet<string>;
  /** What the sentence may refer to without saying it: the sentence before it, its headings, its document's title. */
  readonly context: ReadonlySet<string>;
}

export function candidatesOf(passages: readonly NumberedPassage[]): Candidate[] {
  return passages.flatMap((passage) => {
    const headings = contentTerms([passage.documentTitle, ...passage.headingPath].join(' '));
    let before: readonly string[] = [];
    return sentences(passage.text).map((span): Candidate => {
      const terms = contentTerms(passage.text.slice(span.start, span.end));
      const context = new Set([...before, ...headings]);
      before = terms;
      return { passage, span, terms, termSet: new Set(terms), context };
    });
  });
}
