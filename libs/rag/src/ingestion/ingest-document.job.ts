import { Inject } from '@nestjs/common';
import {
  AppError,
  EVENT_BUS,
  type EventBus,
  JobHandler,
  type JobHandlerContract,
  type RequestContext,
} from '@guildhall/sdk';
import { Database, MemoryGuard, traceOf } from '@guildhall/core';
import type { DocumentFault, KnowledgeDocument } from '../documents/document.js';
import { DocumentRepository } from '../documents/document.repository.js';
import { DocumentSources } from '../documents/document-sources.js';
import { ByteRoom } from './byte-room.js';
import { DocumentIndexer } from './document-indexer.js';
import { resolveMediaType } from './media-type.js';
import { parseApart } from './parse-apart.js';
import { PostingsVacuum } from './postings-vacuum.js';
import { type Source, SourceLoader } from './source-loader.js';

export const INGEST_QUEUE = 'document.ingestion';
export const DEAD_INGEST_QUEUE = 'document.ingest.dead';
const RETRIES = 3;
const MIB = 1024 * 1024;
/** What documents that are read at once may have together. */
const MOST_READ_BYTES = 64 * MIB;
const LEAST_READ_BYTES = 4 * MIB;
/** How many times its bytes a document may take while it is read, in most cases. */
const TIMES_IN_MEMORY = 16;

export interface IngestDocument {
  readonly documentId: string;
}

export const INGESTION = { concurrency: 2, retries: RETRIES, expireInSeconds: 1800, deadLetter: DEAD_INGEST_QUEUE };

/** Parses, chunks and indexes one document. What cannot be read fails it at once; what may pass is tried again. */
@JobHandler({ ...INGESTION, queue: INGEST_QUEUE })
export class IngestDocumentJob implements JobHandlerContract<IngestDocument> {
  private readonly room: ByteRoom;

  constructor(
    private readonly database: Database,
    private readonly documents: DocumentRepository,
    private readonly kept: DocumentSources,
    private readonly sources: SourceLoader,
    private readonly indexer: DocumentIndexer,
    private readonly vacuum: PostingsVacuum,
    @Inject(EVENT_BUS) private readonly events: EventBus,
    @Inject(MemoryGuard) private readonly memory: Pick<MemoryGuard, 'left'>,
  ) {
    const bytes = Math.min(memory.left / TIMES_IN_MEMORY, MOST_READ_BYTES);
    this.room = new ByteRoom(Math.max(bytes, LEAST_READ_BYTES));
  }

  async handle(ctx: RequestContext, data: IngestDocument, job: { readonly attempt: number }): Promise<void> {
    const doc = await this.documents.claim(this.database.manager, ctx, data.documentId);
    if (!doc) return;
    try {
      await this.ingestInRoom(ctx, doc);
    } catch (error) {
      const worthRetrying = !(AppError.is(error) && !error.retryable) && job.attempt <= RETRIES;
      if (ctx.signal.aborted || worthRetrying) throw error;
      await this.fail(ctx, doc, error);
    }
  }

  private async ingestInRoom(ctx: RequestContext, doc: KnowledgeDocument): Promise<void> {
    // How long the answer of a URL is, only the answer tells.
    const fetched = doc.url ? await this.sources.load(ctx, doc) : undefined;
    const bytes = fetched?.bytes.length ?? (await this.sources.storedSize(ctx, doc));
    await this.room.with(bytes, ctx.signal, async () =>
      this.ingest(ctx, doc, fetched ?? (await this.sources.load(ctx, doc))),
    );
  }

  private async ingest(ctx: RequestContext, doc: KnowledgeDocument, source: Source): Promise<void> {
    const { bytes, ...declared } = source;
    const readAs = resolveMediaType(bytes, declared);
    const parsed = await parseApart(bytes, readAs, { signal: ctx.signal, memoryLeft: this.memory.left });
    const chunkCount = await this.indexer.index(ctx, doc, { ...parsed, mediaType: readAs.type });
    if (chunkCount === undefined) return;
    await this.vacuum.wrote(ctx, chunkCount);
    this.events.emit('document.ready', { documentId: doc.id, collectionId: doc.collectionId, chunkCount }, origin(ctx));
  }

  private async fail(ctx: RequestContext, doc: KnowledgeDocument, error: unknown): Promise<void> {
    const fault = faultOf(error);
    ctx.logger.warn({ err: error, documentId: doc.id, code: fault.code }, 'Document could not be ingested');
    await this.database.transaction(ctx, async (tx) => {
      await this.documents.markFailed(tx, ctx, doc.id, fault);
      await this.kept.delete(tx, ctx, doc.id);
    });
    const { id: documentId, collectionId } = doc;
    this.events.emit('document.failed', { documentId, collectionId, code: fault.code }, origin(ctx));
  }
}

const origin = (ctx: RequestContext) => ({ source: 'rag', tenantId: ctx.tenantId, ...traceOf(ctx) });

/** An unknown error's words are for the log: they may hold SQL or paths. */
function faultOf(error: unknown): DocumentFault {
  if (AppError.is(error)) return { code: error.code, message: error.message };
  return { code: 'internal_error', message: 'The document could not be ingested: try again' };
}
