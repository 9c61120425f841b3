import { Inject } from '@nestjs/common';
import { EVENT_BUS, type EventBus, JobHandler, type JobHandlerContract, type RequestContext } from '@guildhall/sdk';
import { Database, traceOf } from '@guildhall/core';
import { DocumentRepository } from '../documents/document.repository.js';
import { DEAD_INGEST_QUEUE, type IngestDocument } from './ingest-document.job.js';

const WHY = 'Every attempt to ingest it ended with the process, or took too long: send it again, perhaps in parts';

/**
 * A job that ends by itself says what became of its document. One whose process is killed each time, or that outlasts
 * its limit, cannot: then this does. The bytes stay, so that the dead job can be retried.
 */
@JobHandler({ queue: DEAD_INGEST_QUEUE, concurrency: 1, retries: 10 })
export class GiveUpIngestionJob implements JobHandlerContract<IngestDocument> {
  constructor(
    private readonly database: Database,
    private readonly documents: DocumentRepository,
    @Inject(EVENT_BUS) private readonly events: EventBus,
  ) {}

  async handle(ctx: RequestContext, { documentId }: IngestDocument): Promise<void> {
    const doc = await this.documents.giveUp(this.database.manager, ctx, documentId, WHY);
    if (!doc) return;
    const { collectionId, error } = doc;
    ctx.logger.warn({ documentId, code: error!.code }, 'Gave up the ingestion of a document');
    const event = { documentId, collectionId, code: error!.code };
    this.events.emit('document.failed', event, { source: 'rag', tenantId: ctx.tenantId, ...traceOf(ctx) });
  }
}
