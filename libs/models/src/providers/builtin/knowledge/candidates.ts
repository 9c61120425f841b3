import type { NumberedPassage } from '../../../citations/passages.js';
import { type Span, sentences } from '../../../text/sentences.js';
import { contentTerms, words } from '../../../text/terms.js';

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
    const titles = [passage.documentTitle, ...passage.headingPath];
    const headings = contentTerms(titles.join(' '));
    const names = new Set(titles.map(plain));
    let before: readonly string[] = [];
    return sentences(passage.text).flatMap((span): Candidate[] => {
      const text = passage.text.slice(span.start, span.end);
      // A title repeated in the text names the matter and states nothing.
      if (names.has(plain(text))) return [];
      const terms = contentTerms(text);
      const context = new Set([...before, ...headings]);
      before = terms;
      return [{ passage, span, terms, termSet: new Set(terms), context }];
    });
  });
}

function plain(text: string): string {
  return words(text).join(' ');
}
