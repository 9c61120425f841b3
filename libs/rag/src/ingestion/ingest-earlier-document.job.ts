import { JobHandler, type JobHandlerContract, type RequestContext } from '@guildhall/sdk';
import { INGESTION, type IngestDocument, IngestDocumentJob } from './ingest-document.job.js';

/**
 * Documents that a process of the release before took in. It knows this queue only, and its workers could not read what
 * the release of today stores: those documents have a queue of their own. Goes with the table `document_sources`.
 */
@JobHandler({ ...INGESTION, queue: 'document.ingest' })
export class IngestEarlierDocumentJob implements JobHandlerContract<IngestDocument> {
  constructor(private readonly today: IngestDocumentJob) {}

  handle(ctx: RequestContext, data: IngestDocument, job: { readonly attempt: number }): Promise<void> {
    return this.today.handle(ctx, data, job);
  }
}
