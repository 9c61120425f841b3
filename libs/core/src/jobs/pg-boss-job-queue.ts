import { Injectable } from '@nestjs/common';
import { PgBoss } from 'pg-boss';
import type { EntityManager } from 'typeorm';
import { type JobQueue, type JobRequest, type RequestContext, UnavailableError } from '@guildhall/sdk';
import { inTransaction } from './boss.js';
import { toEnvelope } from './job-envelope.js';
import { newJobUuid, toJobId } from './job-id.js';
import { JOB_SCHEMA } from './job-schema.js';
import { TenantTurns } from './tenant-turns.js';

/** Puts jobs into queues; the runner has made them at the start, one for every handler. */
@Injectable()
export class PgBossJobQueue implements JobQueue {
  private readonly turns = new TenantTurns();

  constructor(private readonly boss: PgBoss) {}

  async enqueue(ctx: RequestContext, tx: EntityManager, job: JobRequest): Promise<string> {
    const db = inTransaction(tx);
    const id = newJobUuid();
    // The queue allows one unfinished job a key. A job without a key gets one of its own; a tenant cannot block another's.
    const singletonKey = job.singletonKey === undefined ? id : `${ctx.tenantId}:${job.singletonKey}`;
    const enqueued = await this.boss.send(job.queue, toEnvelope(ctx, job.data), {
      id,
      singletonKey,
      db,
      priority: await this.turns.next(tx, ctx.tenantId, job),
      ...(job.startAfterSeconds === undefined ? {} : { startAfter: job.startAfterSeconds }),
    });
    return toJobId(enqueued ?? (await this.unfinished(tx, job.queue, singletonKey)));
  }

  private async unfinished(tx: EntityManager, queue: string, singletonKey: string): Promise<string> {
    const [job] = await tx.query<{ id: string }[]>(
      `SELECT id FROM ${JOB_SCHEMA}.job WHERE name = $1 AND singleton_key = $2 AND state <= 'active'`,
      [queue, singletonKey],
    );
    // It ended between the two statements, so the caller may try again.
    if (!job) throw new UnavailableError('conflict', `The job '${singletonKey}' just ended; try again`);
    return job.id;
  }
}
