import type { ErrorDetail } from './errors.js';
import type { RequestContext } from './request-context.js';

export type RetrievalMode = 'auto' | 'lexical' | 'dense' | 'hybrid';

export interface RetrievalQuery {
  readonly collectionId: string;
  readonly query: string;
  /** 1..100, default 8. */
  readonly topK?: number;
  readonly mode?: RetrievalMode;
  /** `{ "metadata.key": value | { in: [] } | { gte, lte } }`, applied before ranking. */
  readonly filter?: Record<string, unknown>;
  /** Groups of the end user; a document with an ACL needs a common one. */
  readonly groups?: readonly string[];
}

/** One retrieved chunk. `charStart..charEnd` are UTF-16 offsets of `text` in the document's parsed text. */
export interface Passage {
  readonly chunkId: string;
  readonly documentId: string;
  readonly documentTitle: string;
  readonly text: string;
  readonly score: number;
  readonly ranks: { readonly lexical?: number; readonly dense?: number };
  readonly charStart: number;
  readonly charEnd: number;
  readonly page?: number;
  readonly headingPath: readonly string[];
  /** The header row of the table that `text` continues. It stands earlier in the document, so `text` and offsets are without it. */
  readonly repeated?: string;
  readonly metadata: Record<string, unknown>;
}

export interface RetrievalResult {
  /** The mode that ran; never `auto`. */
  readonly mode: Exclude<RetrievalMode, 'auto'>;
  readonly hits: readonly Passage[];
}

/** Implemented by the rag lib. */
export interface Retriever {
  retrieve(ctx: RequestContext, query: RetrievalQuery): Promise<RetrievalResult>;
}

export const RETRIEVER = Symbol.for('guildhall.retriever');

/** Implemented by the rag lib: lets definitions that name collections be checked before they are stored. */
export interface CollectionDirectory {
  /** Those of `ids` that are no collection of this tenant, in the order given. */
  missing(ctx: RequestContext, ids: readonly string[]): Promise<readonly string[]>;
  /** What a query with this filter would be refused for, at paths that begin with `filter`. */
  filterFaults(filter: unknown): readonly ErrorDetail[];
}

export const COLLECTION_DIRECTORY = Symbol.for('guildhall.collection-directory');

/** A verbatim quote: `quote` equals the document's parsed text at `charStart..charEnd` (UTF-16 code units). */
export interface Citation {
  /** The number in the answer's text: `[1]`. */
  readonly index: number;
  readonly documentId: string;
  readonly documentTitle: string;
  readonly chunkId: string;
  readonly page?: number;
  readonly charStart: number;
  readonly charEnd: number;
  readonly quote: string;
}
