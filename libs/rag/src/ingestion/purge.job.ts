import type { EntityManager } from 'typeorm';
import { JobHandler, type JobHandlerContract, type RequestContext } from '@guildhall/sdk';
import { Database } from '@guildhall/core';
import type { KnowledgeDocument } from '../documents/document.js';
import { IndexWriter } from './index-writer.js';
import { PostingsVacuum } from './postings-vacuum.js';

export const PURGE_QUEUE = 'knowledge.purge';

export interface Purge {
  readonly collectionId: string;
}

/** Removes the rows of everything in a collection that was deleted, and of the collection itself if it was. */
@JobHandler({ queue: PURGE_QUEUE, concurrency: 1, retries: 5, expireInSeconds: 3600 })
export class PurgeJob implements JobHandlerContract<Purge> {
  constructor(
    private readonly database: Database,
    private readonly writer: IndexWriter,
    private readonly vacuum: PostingsVacuum,
  ) {}

  async handle(ctx: RequestContext, { collectionId }: Purge): Promise<void> {
    for (const doc of await this.deletedDocuments(ctx, collectionId)) await this.purge(ctx, doc);
    await this.database.manager.query(
      `DELETE FROM collections c WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL
         AND NOT EXISTS (SELECT FROM documents d WHERE d.collection_id = c.id)`,
      [ctx.tenantId, collectionId],
    );
  }

  private deletedDocuments(ctx: RequestContext, collectionId: string): Promise<KnowledgeDocument[]> {
    return this.database.manager.query(
      `SELECT id, no, collection_no AS "collectionNo" FROM documents
       WHERE tenant_id = $1 AND collection_id = $2 AND deleted_at IS NOT NULL`,
      [ctx.tenantId, collectionId],
    );
  }

  private async purge(ctx: RequestContext, doc: KnowledgeDocument): Promise<void> {
    for (let isGone = false; !isGone;) {
      ctx.signal.throwIfAborted();
      const removed = await this.database.transaction(ctx, async (tx) => {
        await this.writer.lock(tx, ctx, doc, 'purge');
        const ids = await this.writer.someChunkIds(tx, ctx, doc);
        await this.writer.remove(tx, ctx, doc, ids);
        isGone = await deleteIfEmpty(tx, ctx, doc);
        return ids.length;
      });
      await this.vacuum.wrote(ctx, removed);
    }
  }
}

/** False while it has chunks. */
async function deleteIfEmpty(tx: EntityManager, ctx: RequestContext, doc: KnowledgeDocument): Promise<boolean> {
  const [{ left }] = await tx.query<[{ left: boolean }]>(
    'SELECT EXISTS (SELECT FROM chunks WHERE tenant_id = $1 AND document_no = $2) AS left',
    [ctx.tenantId, doc.no],
  );
  if (!left) await tx.query('DELETE FROM documents WHERE tenant_id = $1 AND id = $2', [ctx.tenantId, doc.id]);
  return !left;
}
