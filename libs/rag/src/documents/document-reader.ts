import { Injectable } from '@nestjs/common';
import { ConflictError, type RequestContext } from '@guildhall/sdk';
import { Database } from '@guildhall/core';
import type { Chunk } from './document.js';
import { DocumentRepository } from './document.repository.js';

/** What a document says, as it was indexed. */
@Injectable()
export class DocumentReader {
  constructor(
    private readonly database: Database,
    private readonly documents: DocumentRepository,
  ) {}

  async text(ctx: RequestContext, id: string): Promise<string> {
    const text = await this.documents.text(this.database.manager, ctx, id);
    if (text === null) throw notReady(id);
    return text;
  }

  /** Empty while the document is not ready. */
  async chunks(ctx: RequestContext, id: string, after: number, limit: number): Promise<Chunk[]> {
    const tx = this.database.manager;
    const document = await this.documents.get(tx, ctx, id);
    if (document.contentHash === null) return [];
    return this.documents.chunks(tx, ctx, document.no, after, limit);
  }
}

const notReady = (id: string): ConflictError =>
  new ConflictError('document_not_ready', `The document '${id}' has no text yet: wait until its status is "ready"`, {
    retryable: true,
  });
