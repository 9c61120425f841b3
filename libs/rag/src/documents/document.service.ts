import { setTimeout } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ConflictError, JOB_QUEUE, type JobQueue, type RequestContext } from '@guildhall/sdk';
import { Cursors, Database, type Page, newId, standAside } from '@guildhall/core';
import { CollectionRepository } from '../collections/collection.repository.js';
import { INGEST_QUEUE, type IngestDocument } from '../ingestion/ingest-document.job.js';
import { TELLING_BYTES, resolveMediaType } from '../ingestion/media-type.js';
import { PURGE_QUEUE, type Purge } from '../ingestion/purge.job.js';
import { resolveLanguage } from '../languages.js';
import type { CreateDocumentDto, DocumentListQuery, UpdateDocumentDto } from './document.dto.js';
import type { KnowledgeDocument } from './document.js';
import { DocumentRepository } from './document.repository.js';
import { DocumentSources } from './document-sources.js';
import { type DocumentContent, contentOf } from './document-content.js';
import type { Upload } from './upload.interceptor.js';
import { mayNameGroups } from './visible-documents.js';

const LIST = 'documents';

export interface AcceptedDocument {
  readonly document: KnowledgeDocument;
  /** False for bytes that the collection had already. */
  readonly created: boolean;
}

@Injectable()
export class DocumentService {
  constructor(
    private readonly database: Database,
    private readonly collections: CollectionRepository,
    private readonly documents: DocumentRepository,
    private readonly sources: DocumentSources,
    private readonly cursors: Cursors,
    @Inject(JOB_QUEUE) private readonly jobs: JobQueue,
  ) {}

  /**
   * Takes a document in and has it ingested by a job. Bytes that the collection has already give the document they are;
   * a failed one is tried again as this request says, and a URL is fetched again.
   */
  async accept(
    ctx: RequestContext,
    collectionId: string,
    input: CreateDocumentDto,
    upload: Upload | undefined,
  ): Promise<AcceptedDocument> {
    const content = contentOf(input, upload);
    return this.database.transaction(ctx, async (tx) => {
      const collection = await this.collections.get(tx, ctx, collectionId);
      const language = input.language === undefined ? collection.language : resolveLanguage(input.language);
      const { title, metadata = {}, acl } = input;
      const fields = { id: newId('doc'), title, language, metadata, acl, ...(await describe(content)) };
      const document = await this.documents.insert(tx, ctx, collection, fields);
      if (document) {
        await this.enqueue(tx, ctx, document.id, content);
        return { document, created: true };
      }
      const existing = await this.documents.findByKey(tx, ctx, collectionId, fields.dedupeKey);
      if (!existing) throw mayNameGroups(ctx) ? justDeleted() : notTaken();
      const again = existing.status === 'failed' || (existing.status === 'ready' && existing.url !== null);
      if (!again) return { document: existing, created: false };
      if (existing.status === 'failed') await this.documents.replaceFailed(tx, ctx, existing.id, fields);
      else await this.documents.markQueued(tx, ctx, existing.id);
      await this.sources.delete(tx, ctx, existing.id);
      await this.enqueue(tx, ctx, existing.id, content);
      return { document: await this.documents.getMade(tx, ctx, existing.id), created: false };
    });
  }

  get(ctx: RequestContext, id: string, collectionId?: string): Promise<KnowledgeDocument> {
    return this.documents.get(this.database.manager, ctx, id, collectionId);
  }

  async list(ctx: RequestContext, collectionId: string, query: DocumentListQuery): Promise<Page<KnowledgeDocument>> {
    const tx = this.database.manager;
    await this.collections.get(tx, ctx, collectionId);
    const { status } = query;
    const filters = { collectionId, status };
    const keyset = this.cursors.read(ctx, LIST, query, filters);
    const rows = await this.documents.list(tx, ctx, collectionId, keyset, status);
    const total = query.total ? await this.documents.count(tx, ctx, collectionId, status) : undefined;
    return this.cursors.page(ctx, LIST, query, rows, filters, total);
  }

  update(ctx: RequestContext, id: string, change: UpdateDocumentDto, collectionId: string): Promise<KnowledgeDocument> {
    return this.database.transaction(ctx, (tx) => this.documents.update(tx, ctx, id, collectionId, change));
  }

  /** Gone at once for everybody; the rows follow in a job. */
  async delete(ctx: RequestContext, id: string, collectionId?: string): Promise<void> {
    await this.database.transaction(ctx, async (tx) => {
      const document = await this.documents.get(tx, ctx, id, collectionId);
      await this.documents.markDeleted(tx, ctx, document);
      const data: Purge = { collectionId: document.collectionId };
      await this.jobs.enqueue(ctx, tx, { queue: PURGE_QUEUE, data });
    });
  }

  /**
   * The document once it is ready or failed, or as it stands after `waitMs`. Polls: any process may ingest it. The longer
   * it takes, the less often; the request holds no slot meanwhile.
   */
  async settled(ctx: RequestContext, accepted: AcceptedDocument, waitMs: number): Promise<KnowledgeDocument> {
    const { id } = accepted.document;
    const tx = this.database.manager;
    const until = performance.now() + waitMs;
    for (let pause = 20; ; pause = Math.min(pause * 1.5, 2000)) {
      const document = await this.documents.getMade(tx, ctx, id);
      const left = until - performance.now();
      if (isSettled(document) || left <= 0) return document;
      standAside(ctx);
      await setTimeout(Math.min(pause, left), undefined, { signal: ctx.signal });
    }
  }

  private async enqueue(tx: EntityManager, ctx: RequestContext, id: string, content: DocumentContent): Promise<void> {
    if (content.kind === 'bytes') await this.sources.save(tx, ctx, id, content.bytes.pieces());
    const data: IngestDocument = { documentId: id };
    await this.jobs.enqueue(ctx, tx, { queue: INGEST_QUEUE, data });
  }
}

const justDeleted = (): ConflictError =>
  new ConflictError('conflict', 'The same document was deleted at this moment: send it again', { retryable: true });

/** The same where it was deleted at this moment: nothing of the document that this key does not see is told. */
const notTaken = (): ConflictError =>
  new ConflictError(
    'conflict',
    "The collection does not take this content from a key without the scope 'knowledge:groups'",
  );

export const isSettled = ({ status }: KnowledgeDocument): boolean => status === 'ready' || status === 'failed';

/** What is known before ingestion; bytes of a kind that cannot be read are refused here already. */
async function describe(content: DocumentContent) {
  const { mediaType: declaredType } = content;
  if (content.kind === 'url') return { declaredType, url: content.url, dedupeKey: `url:${content.url}` };
  const mediaType = resolveMediaType(await content.bytes.head(TELLING_BYTES), content).type;
  return { declaredType, mediaType, fileName: content.fileName, dedupeKey: `sha256:${content.bytes.sha256}` };
}
