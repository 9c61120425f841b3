import { Injectable } from '@nestjs/common';
import { ConflictError, type RequestContext } from '@guildhall/sdk';
import { Cache, Database, ListedRows } from '@guildhall/core';
import type { Chunk, KnowledgeDocument, TextKind } from './document.js';
import { DocumentRepository } from './document.repository.js';

/** The cache counts entries and not bytes: what is longer is read anew. */
const MAX_CACHED_BYTES = 100_000;
/** The default page. */
const MAX_CACHED_CHUNKS = 100;

/**
 * What a document says, as it was indexed. That the document is there is asked every time; what it says is cached under
 * the time of its last change, so that no process ever answers with what was.
 */
@Injectable()
export class DocumentReader {
  constructor(
    private readonly database: Database,
    private readonly documents: DocumentRepository,
    private readonly cache: Cache,
  ) {}

  async text(ctx: RequestContext, id: string): Promise<{ readonly text: string; readonly textKind: TextKind }> {
    const tx = this.database.manager;
    const { document, bytes } = await this.documents.getWithLength(tx, ctx, id);
    if (bytes === null) throw notReady(id);
    const load = () => this.documents.text(tx, ctx, id);
    const cached = isAtRest(document) && bytes <= MAX_CACHED_BYTES;
    const text = cached ? await this.cache.wrap(keyOf(ctx, document, 'text'), load) : await load();
    if (text === null) throw notReady(id);
    return { text, textKind: document.textKind ?? textKindBefore(document) };
  }

  /** Empty while the document is not ready. */
  async chunks(ctx: RequestContext, id: string, after: number, limit: number): Promise<ListedRows<Chunk>> {
    const tx = this.database.manager;
    const document = await this.documents.get(tx, ctx, id);
    if (document.contentHash === null) return ListedRows.first<Chunk>([], { limit });
    const load = () => this.documents.chunks(tx, ctx, document.no, after, limit);
    if (!isAtRest(document) || limit > MAX_CACHED_CHUNKS) return load();
    return ListedRows.kept(await this.cache.wrap(keyOf(ctx, document, `chunks:${after}:${limit}`), load));
  }
}

/** Of documents that were read before it was noted. */
const textKindBefore = ({ mediaType }: KnowledgeDocument): TextKind =>
  mediaType && /html/.test(mediaType) ? 'extracted' : 'source';

/** While it is ingested anew its chunks change under way. */
const isAtRest = ({ status, staged }: KnowledgeDocument): boolean => status === 'ready' && !staged;

const keyOf = ({ tenantId }: RequestContext, { id, updatedAt }: KnowledgeDocument, part: string): string =>
  `${tenantId}:document:${id}:${updatedAt.getTime()}:${part}`;

const notReady = (id: string): ConflictError =>
  new ConflictError('document_not_ready', `The document '${id}' has no text yet: wait until its status is "ready"`, {
    retryable: true,
  });
