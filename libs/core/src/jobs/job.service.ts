import { Injectable } from '@nestjs/common';
import { PgBoss } from 'pg-boss';
import { ConflictError, NotFoundError, type RequestContext } from '@guildhall/sdk';
import { Cursors, type Page } from '../http/pagination.js';
import type { JobQuery } from './job.dto.js';
import { fromJobId } from './job-id.js';
import { JobRepository } from './job.repository.js';
import type { Job } from './job.js';

/** A tenant's view of its jobs. */
@Injectable()
export class JobService {
  constructor(
    private readonly jobs: JobRepository,
    private readonly boss: PgBoss,
    private readonly cursors: Cursors,
  ) {}

  async list(ctx: RequestContext, query: JobQuery): Promise<Page<Job>> {
    const filter = { queue: query.queue, state: query.state };
    const rows = await this.jobs.list(ctx.tenantId, filter, this.cursors.read(ctx, 'jobs', query, filter));
    const total = query.total ? await this.jobs.count(ctx.tenantId, filter) : undefined;
    return this.cursors.page(ctx, 'jobs', query, rows, filter, total);
  }

  async get(ctx: RequestContext, id: string): Promise<Job> {
    const job = await this.jobs.find(ctx.tenantId, id);
    if (!job) throw new NotFoundError('job', id);
    return job;
  }

  /** A job at work is told to stop within seconds. Cancelling twice is no error. */
  async cancel(ctx: RequestContext, id: string): Promise<Job> {
    const job = await this.get(ctx, id);
    if (job.state === 'completed' || job.state === 'dead') {
      throw new ConflictError('job_already_finished', `Job '${id}' is ${job.state} already`);
    }
    if (job.state !== 'cancelled') await this.boss.cancel(job.queue, uuidOf(job));
    return this.get(ctx, id);
  }

  async retry(ctx: RequestContext, id: string): Promise<Job> {
    const job = await this.get(ctx, id);
    if (job.state !== 'dead' && job.state !== 'cancelled') {
      throw new ConflictError(
        'job_not_retryable',
        `Job '${id}' is ${job.state}; only dead or cancelled jobs are retried`,
      );
    }
    if (job.state === 'dead') await this.boss.retry(job.queue, uuidOf(job));
    else await this.boss.resume(job.queue, uuidOf(job));
    return this.get(ctx, id);
  }
}

function uuidOf(job: Job): string {
  return fromJobId(job.id)!;
}
