import type { NumberedPassage } from '../../../citations/passages.js';
import { type Identifier, identifiersIn } from '../../../text/identifiers.js';
import { type Span, sentences } from '../../../text/sentences.js';
import { contentTerms, words } from '../../../text/terms.js';
import { answerMarkLength, isQuestion } from './question-text.js';

/** A sentence that may answer, with what is needed to weigh it. */
export interface Candidate {
  readonly passage: NumberedPassage;
  readonly span: Span;
  /** Of the sentence, and of the question that it is given as the answer to. */
  readonly terms: readonly string[];
  readonly termSet: ReadonlySet<string>;
  /** What the sentence may refer to without saying it: the sentence before it, its headings, its document's title. */
  readonly context: ReadonlySet<string>;
  /** What the sentence, or the question it answers, speaks of by number. */
  readonly identifiers: readonly Identifier[];
  /** What its headings and the last sentence that named any speak of. */
  readonly standing: readonly Identifier[];
}

const HEADING = /^\s*#{1,6}\s+(\S.*)$/gm;

export function candidatesOf(passages: readonly NumberedPassage[]): Candidate[] {
  return passages.flatMap((passage) => new Reader(passage).candidates());
}

/** Reads a passage from its beginning and knows at each sentence what was asked and named before. */
class Reader {
  private readonly headings: readonly string[];
  private readonly names: ReadonlySet<string>;
  private before: readonly string[] = [];
  private asked: string | undefined;
  private standing: readonly Identifier[];

  constructor(private readonly passage: NumberedPassage) {
    const titles = [passage.documentTitle, ...passage.headingPath];
    this.headings = contentTerms(titles.join(' '));
    this.names = new Set(titles.map(plain));
    this.standing = identifiersIn(titles.join(' ; '));
    this.heading(passage.headingPath.at(-1));
  }

  candidates(): Candidate[] {
    const { text } = this.passage;
    const found: Candidate[] = [];
    let end = 0;
    for (const span of sentences(text)) {
      const heading = [...text.slice(end, span.start).matchAll(HEADING)].at(-1)?.[1];
      if (heading !== undefined) this.heading(heading);
      end = span.end;
      const candidate = this.read(span, text.slice(span.start, span.end));
      if (candidate) found.push(candidate);
    }
    return found;
  }

  private heading(heading: string | undefined): void {
    this.asked = heading !== undefined && isQuestion(heading) ? heading : undefined;
  }

  private read(span: Span, text: string): Candidate | undefined {
    if (isQuestion(text)) {
      this.asked = text;
      return undefined;
    }
    // A title repeated in the text names the matter and states nothing.
    if (this.names.has(plain(text))) return undefined;
    const asked = this.asked ?? '';
    const mark = asked === '' ? 0 : answerMarkLength(text);
    if (mark === text.length) return undefined;
    this.asked = undefined;
    const terms = contentTerms(`${asked} ${text.slice(mark)}`);
    const context = new Set([...this.before, ...this.headings]);
    this.before = terms;
    const identifiers = identifiersIn(`${asked} ; ${text}`);
    const { standing } = this;
    if (identifiers.length > 0) this.standing = identifiers;
    const start = span.start + mark;
    const { passage } = this;
    return { passage, span: { start, end: span.end }, terms, termSet: new Set(terms), context, identifiers, standing };
  }
}

function plain(text: string): string {
  return words(text).join(' ');
}
