import type { Citation } from '@guildhall/sdk';
import { quote } from '../../citations/quote.js';
import type { Candidate } from './knowledge/candidates.js';

/** An answer under way: its paragraphs, and the citations that their numbers stand for. */
export class Composition {
  private readonly paragraphs: string[] = [];
  readonly citations: Citation[] = [];

  get text(): string {
    return this.paragraphs.join('\n');
  }

  state(paragraph: string): void {
    this.paragraphs.push(paragraph);
  }

  /** Adds these sentences word for word; false when there are none. */
  quote(picked: readonly Candidate[]): boolean {
    if (picked.length === 0) return false;
    this.state(picked.map(({ passage, span }) => this.cite(quote(passage, span, this.citations.length + 1))).join(' '));
    return true;
  }

  /** The quote with its number; a sentence that was quoted before keeps its number. */
  private cite(citation: Citation): string {
    const known = this.citations.find(
      ({ documentId, charStart, charEnd }) =>
        documentId === citation.documentId && charStart === citation.charStart && charEnd === citation.charEnd,
    );
    if (!known) this.citations.push(citation);
    return `${citation.quote} [${(known ?? citation).index}]`;
  }
}
