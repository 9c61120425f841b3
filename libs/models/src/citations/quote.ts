import type { Citation } from '@guildhall/sdk';
import type { Span } from '../text/sentences.js';
import type { NumberedPassage } from './passages.js';

/** The citation of a part of a passage: its exact characters, at their offsets in the document. */
export function quote(passage: NumberedPassage, span: Span, index: number): Citation {
  return {
    index,
    documentId: passage.documentId,
    documentTitle: passage.documentTitle,
    chunkId: passage.chunkId,
    ...(passage.page === undefined ? {} : { page: passage.page }),
    charStart: passage.charStart + span.start,
    charEnd: passage.charStart + span.end,
    quote: passage.text.slice(span.start, span.end),
  };
}
