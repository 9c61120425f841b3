import { Inject, Injectable } from '@nestjs/common';
import { type JobWithMetadata, PgBoss } from 'pg-boss';
import {
  type JobHandlerContract,
  type JobOptions,
  type Logger,
  type RequestContext,
  UnavailableError,
} from '@guildhall/sdk';
import { Settings } from '../config/settings.js';
import { Database } from '../database/database.js';
import { CONTRIBUTIONS, type Contributions } from '../plugins/contributions.js';
import { TRACEPARENT, withLogFields } from '../telemetry/log-context.js';
import type { Counts } from '../lifecycle/shutdown.js';
import { LOGGER } from '../telemetry/logger.js';
import { Track } from '../telemetry/track.decorator.js';
import type { JobEnvelope } from './job-envelope.js';
import { JobFailure } from './job-failure.js';
import { toJobId } from './job-id.js';
import { JOB_SCHEMA } from './job-schema.js';
import { QueueWatch } from './queue-watch.js';
import { setUpQueues, setUpSchedules } from './queue-setup.js';

const DEFAULT_CONCURRENCY = 2;
const WORK = {
  includeMetadata: true,
  // Notifications wake the workers, and the watch over the queues does: this is for when both fail.
  pollingIntervalSeconds: 60,
  notifyPollingIntervalSeconds: 60,
  // Keeps the job ours, and notices within this time when it is no longer, because it was cancelled.
  heartbeatRefreshSeconds: 2,
} as const;

/** Runs the handlers that plugins contribute, in processes that run workers; in all others it only opens the queues. */
@Injectable()
export class JobRunner {
  private readonly stopping = new AbortController();
  private readonly watch: QueueWatch;
  private stopped: Promise<Counts> | undefined;
  private givenBack = 0;
  /** Jobs at work in this process. */
  working = 0;

  constructor(
    private readonly boss: PgBoss,
    private readonly database: Database,
    private readonly settings: Settings,
    @Inject(CONTRIBUTIONS) private readonly contributions: Contributions,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.watch = new QueueWatch(database, logger, {
      wake: (worker) => boss.notifyWorker(worker),
      supervise: (queue) => boss.supervise(queue),
      match: () => this.match(),
    });
  }

  /** Opens the queues: from now on jobs can be enqueued. */
  async open(): Promise<void> {
    if (!(await this.boss.isInstalled())) {
      throw new UnavailableError('schema_missing', 'The database has no tables for jobs yet: run "guildhall migrate"');
    }
    await this.boss.start();
    await setUpQueues(this.boss, this.jobs());
  }

  /** Begins to work, once every plugin has started. */
  async start(): Promise<void> {
    if (!this.settings.RUN_WORKERS) return;
    await this.match();
    this.watch.start();
  }

  /** Works on the queues of the plugins that are available. Jobs of one that is disabled wait until it is back. */
  private async match(): Promise<void> {
    if (this.stopped) return;
    const jobs = this.jobs();
    const queues = new Set(jobs.map(({ queue }) => queue));
    for (const queue of this.watch.queues.filter((watched) => !queues.has(watched))) {
      this.watch.remove(queue);
      await this.boss.offWork(queue, { wait: false });
    }
    const more = jobs.filter(({ queue }) => !this.watch.queues.includes(queue));
    if (more.length > 0) await this.workOn(more);
  }

  private async workOn(jobs: readonly JobOptions[]): Promise<void> {
    await setUpQueues(this.boss, jobs);
    await setUpSchedules(this.boss, jobs);
    for (const { queue, concurrency = DEFAULT_CONCURRENCY } of jobs) {
      for (let i = 0; i < concurrency; i++) this.watch.add(queue, await this.work(queue));
    }
  }

  /** One worker: it looks for its next job when one ends, or a backlog would drain at one job a polling interval. */
  private async work(queue: string): Promise<string> {
    const worker = await this.boss.work<JobEnvelope, void, typeof WORK>(queue, WORK, ([job]) =>
      this.perform(job!).finally(() => this.boss.notifyWorker(worker)),
    );
    return worker;
  }

  /** Takes no more jobs and lets those at work end; when `signal` aborts, they are told to stop. */
  stop(signal: AbortSignal): Promise<Counts> {
    return (this.stopped ??= this.drain(signal));
  }

  private async drain(signal: AbortSignal): Promise<Counts> {
    this.watch.stop();
    const abort = () => this.stopping.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    await this.boss.stop({ close: false, graceful: true, timeout: this.settings.SHUTDOWN_GRACE_MS });
    signal.removeEventListener('abort', abort);
    return { jobs: this.givenBack };
  }

  private jobs(): JobOptions[] {
    return this.contributions.list<JobHandlerContract, JobOptions>('job-handler').map(({ options }) => options);
  }

  private async perform(job: JobWithMetadata<JobEnvelope>): Promise<void> {
    const { tenantId, requestId, traceparent } = job.data;
    const fields = { requestId, tenantId, jobId: toJobId(job.id), [TRACEPARENT]: traceparent };
    await withLogFields(fields, async () => {
      this.working++;
      try {
        await this.handle(job);
      } catch (error) {
        if (this.stopping.signal.aborted) await this.giveBack(job);
        throw JobFailure.of(error);
      } finally {
        this.working--;
      }
    });
  }

  @Track('job', ({ name, retryCount }: JobWithMetadata) => ({ queue: name, attempt: retryCount + 1 }))
  private async handle(job: JobWithMetadata<JobEnvelope>): Promise<void> {
    const handler = this.contributions.find<JobHandlerContract, JobOptions>('job-handler', job.name);
    if (!handler) throw new UnavailableError('plugin_unavailable', `No active plugin handles the queue '${job.name}'`);
    const attempt = job.retryCount + 1;
    await handler.instance.handle(this.contextOf(job), job.data.data, { id: toJobId(job.id), attempt });
  }

  private contextOf(job: JobWithMetadata<JobEnvelope>): RequestContext {
    const { tenantId, requestId, traceparent } = job.data;
    return {
      tenantId,
      requestId,
      ...(traceparent === undefined ? {} : { traceparent }),
      actor: { kind: 'system', id: `job:${job.name}`, scopes: ['*'] },
      signal: AbortSignal.any([job.signal, this.stopping.signal]),
      logger: this.logger,
    };
  }

  /** That this process stops is no failure of the job: the attempt does not count. */
  private async giveBack(job: JobWithMetadata<JobEnvelope>): Promise<void> {
    await this.database.pool.query(
      `UPDATE ${JOB_SCHEMA}.job SET retry_limit = retry_limit + 1 WHERE name = $1 AND id = $2 AND state = 'active'`,
      [job.name, job.id],
    );
    this.givenBack++;
  }
}
