import { Global } from '@nestjs/common';
import { PgBoss } from 'pg-boss';
import { JOB_QUEUE, Plugin, type PluginHooks } from '@guildhall/sdk';
import { Settings } from '../config/settings.js';
import { Database } from '../database/database.js';
import { Shutdown } from '../lifecycle/shutdown.js';
import { LOGGER } from '../telemetry/logger.js';
import { createBoss } from './boss.js';
import { JobController } from './job.controller.js';
import { JobMetrics } from './job-metrics.js';
import { JobRepository } from './job.repository.js';
import { JobRunner } from './job-runner.js';
import { JobService } from './job.service.js';
import { JobQueue1763700010001 } from './migrations/0001-job-queue.js';
import { WaitingJobsOfTenants1763700010002 } from './migrations/0002-waiting-jobs-of-tenants.js';
import { PgBossJobQueue } from './pg-boss-job-queue.js';

/** Background work. Queues open before any other plugin starts; work begins when all have. */
@Global()
@Plugin({
  id: 'jobs',
  version: '0.1.0',
  compat: '^0.1.0',
  description: 'Background jobs on Postgres: retries, dead letters, schedules',
  requires: ['core'],
  migrations: [JobQueue1763700010001, WaitingJobsOfTenants1763700010002],
  hookTimeoutMs: 30_000,
  providers: [
    { provide: PgBoss, inject: [Database, LOGGER, Settings], useFactory: createBoss },
    PgBossJobQueue,
    { provide: JOB_QUEUE, useExisting: PgBossJobQueue },
    JobRunner,
    JobRepository,
    JobMetrics,
    JobService,
  ],
  controllers: [JobController],
  exports: [JOB_QUEUE, JobRunner],
})
export class JobsModule implements PluginHooks {
  constructor(
    private readonly runner: JobRunner,
    private readonly shutdown: Shutdown,
    private readonly metrics: JobMetrics,
  ) {}

  async init(): Promise<void> {
    const underWay = () => ({ jobs: this.runner.working });
    this.shutdown.beforeClose({ name: 'jobs', underWay, drain: (signal) => this.runner.stop(signal) });
    await this.runner.open();
    this.metrics.observe();
  }

  ready(): Promise<void> {
    return this.runner.start();
  }

  async stop(signal: AbortSignal): Promise<void> {
    await this.runner.stop(signal);
  }
}
