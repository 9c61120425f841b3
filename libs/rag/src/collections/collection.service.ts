import { Inject, Injectable } from '@nestjs/common';
import {
  type CollectionDirectory,
  type ErrorDetail,
  JOB_QUEUE,
  type JobQueue,
  type RequestContext,
} from '@guildhall/sdk';
import { Cursors, Database, type Page, type PageQuery, newId } from '@guildhall/core';
import { PURGE_QUEUE, type Purge } from '../ingestion/purge.job.js';
import { resolveLanguage } from '../languages.js';
import { filterFaults } from '../retrieval/filter.js';
import type { CreateCollectionDto, UpdateCollectionDto } from './collection.dto.js';
import type { Collection } from './collection.js';
import { CollectionRepository } from './collection.repository.js';

const LIST = 'collections';

@Injectable()
export class CollectionService implements CollectionDirectory {
  constructor(
    private readonly database: Database,
    private readonly collections: CollectionRepository,
    private readonly cursors: Cursors,
    @Inject(JOB_QUEUE) private readonly jobs: JobQueue,
  ) {}

  create(ctx: RequestContext, input: CreateCollectionDto): Promise<Collection> {
    const { name, k1 = 1.2, b = 0.75, metadata = {} } = input;
    const language = resolveLanguage(input.language ?? 'english');
    const collection = { id: newId('col'), name, language, k1, b, metadata };
    return this.database.transaction(ctx, (tx) => this.collections.insert(tx, ctx, collection));
  }

  get(ctx: RequestContext, id: string): Promise<Collection> {
    return this.collections.getAsSeen(this.database.manager, ctx, id);
  }

  async list(ctx: RequestContext, query: PageQuery): Promise<Page<Collection>> {
    const tx = this.database.manager;
    const rows = await this.collections.list(tx, ctx, this.cursors.read(ctx, LIST, query));
    const total = query.total ? await this.collections.count(tx, ctx) : undefined;
    return this.cursors.page(ctx, LIST, query, rows, {}, total);
  }

  async missing(ctx: RequestContext, ids: readonly string[]): Promise<readonly string[]> {
    const existing = await this.collections.existing(this.database.manager, ctx, ids);
    return ids.filter((id) => !existing.has(id));
  }

  filterFaults(filter: unknown): readonly ErrorDetail[] {
    return filterFaults(filter);
  }

  update(ctx: RequestContext, id: string, change: UpdateCollectionDto): Promise<Collection> {
    return this.database.transaction(ctx, async (tx) => {
      await this.collections.get(tx, ctx, id);
      return this.collections.update(tx, ctx, id, change);
    });
  }

  /** Gone at once for everybody; the rows follow in a job. */
  async delete(ctx: RequestContext, id: string): Promise<void> {
    await this.database.transaction(ctx, async (tx) => {
      await this.collections.get(tx, ctx, id);
      await this.collections.markDeleted(tx, ctx, id);
      await this.jobs.enqueue(ctx, tx, { queue: PURGE_QUEUE, data: { collectionId: id } satisfies Purge });
    });
  }
}
