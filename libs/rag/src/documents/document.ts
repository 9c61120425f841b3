export type DocumentStatus = 'queued' | 'processing' | 'ready' | 'failed';

export interface DocumentFault {
  readonly code: string;
  readonly message: string;
}

/** Something about how a document was read that whoever sent it should know: a guess, a part that was left out. */
export interface DocumentWarning {
  readonly code: string;
  readonly message: string;
}

/** What offsets count in: the source itself, or text made from it. */
export type TextKind = 'source' | 'extracted';

/** A row of `documents` without its text, which may be megabytes. */
export interface KnowledgeDocument {
  readonly id: string;
  /** Short surrogate that postings are keyed by. */
  readonly no: number;
  readonly tenantId: string;
  readonly collectionId: string;
  readonly collectionNo: number;
  readonly title: string;
  /** What it was read as; null until a URL's content is known. */
  readonly mediaType: string | null;
  readonly declaredType: string | null;
  readonly language: string;
  readonly url: string | null;
  readonly fileName: string | null;
  readonly contentHash: string | null;
  readonly status: DocumentStatus;
  readonly error: DocumentFault | null;
  readonly warnings: readonly DocumentWarning[];
  /** Null before it is ready, and for one from a time that did not note it. */
  readonly textKind: TextKind | null;
  readonly chunkCount: number;
  readonly tokenCount: number;
  readonly metadata: Record<string, unknown>;
  /** Groups that may find it; null: the whole tenant. */
  readonly acl: readonly string[] | null;
  /** Some of its chunks are written, no query sees them yet. */
  readonly staged: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface NewDocument {
  readonly id: string;
  readonly title: string;
  readonly mediaType?: string;
  readonly declaredType?: string;
  readonly language: string;
  readonly url?: string;
  readonly fileName?: string;
  /** Hash of the bytes, or the URL: equal keys in one collection are one document. */
  readonly dedupeKey: string;
  readonly metadata: Record<string, unknown>;
  readonly acl?: readonly string[];
}

/** A row of `chunks`. */
export interface Chunk {
  readonly chunkId: string;
  readonly ordinal: number;
  readonly text: string;
  readonly charStart: number;
  readonly charEnd: number;
  readonly page: number | null;
  readonly headingPath: readonly string[];
  readonly repeated: string | null;
}
