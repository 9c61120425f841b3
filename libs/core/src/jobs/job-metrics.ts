import { Inject, Injectable } from '@nestjs/common';
import type { JobOptions } from '@guildhall/sdk';
import { Database } from '../database/database.js';
import { CONTRIBUTIONS, type Contributions } from '../plugins/contributions.js';
import { Metrics } from '../telemetry/metrics.js';
import { sampled } from '../telemetry/sampled.js';
import { JOB_SCHEMA } from './job-schema.js';

/** More than this many are as good as any number: it keeps the count cheap. */
const COUNTED = 100_000;
/** Of queues that somebody works on: dead letters wait for a person. */
const WAITING = `SELECT count(*)::int AS jobs FROM (
  SELECT FROM ${JOB_SCHEMA}.job WHERE name = ANY ($1) AND state < 'active' AND NOT blocked AND start_after <= now()
  LIMIT ${COUNTED}) AS waiting`;

/** What operators see of the job queues, of all processes whichever is asked. */
@Injectable()
export class JobMetrics {
  constructor(
    private readonly metrics: Metrics,
    private readonly database: Database,
    @Inject(CONTRIBUTIONS) private readonly contributions: Contributions,
  ) {}

  observe(): void {
    const help = 'Jobs of the whole deployment that are due and wait for a worker';
    this.metrics.observe(
      'jobs_waiting',
      help,
      sampled(() => this.waiting()),
    );
  }

  private async waiting(): Promise<number> {
    const queues = this.contributions.list<unknown, JobOptions>('job-handler').map(({ options }) => options.queue);
    return (await this.database.pool.query<{ jobs: number }>(WAITING, [queues])).rows[0]!.jobs;
  }
}
