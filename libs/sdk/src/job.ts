import type { EntityManager } from 'typeorm';
import { contribute } from './contribution.js';
import type { RequestContext } from './request-context.js';

export interface JobOptions {
  /** The queue's name: `document.ingestion`. */
  readonly queue: string;
  /** How many run at once in one process. Default 2. */
  readonly concurrency?: number;
  /** Retries after the first failure, with exponential back-off; then the job is dead. Default 3. */
  readonly retries?: number;
  /** A single attempt's limit in seconds. Default 300. */
  readonly expireInSeconds?: number;
  /**
   * The queue that gets a copy of a job when it is dead, with the same data: its handler cleans up after a process that
   * was killed and could not. That queue needs a handler of its own.
   */
  readonly deadLetter?: string;
  /** Cron expression (UTC) on which the job runs by itself. The handler must be idempotent. */
  readonly cron?: string;
}

/** Delivered at least once: a handler must be idempotent. Throwing fails the attempt. */
export interface JobHandlerContract<Data = unknown> {
  handle(ctx: RequestContext, data: Data, job: { readonly id: string; readonly attempt: number }): Promise<void>;
}

/** Contributes the handler of a queue. */
export const JobHandler = (options: JobOptions): ClassDecorator => contribute('job-handler', options.queue, options);

export interface JobRequest {
  readonly queue: string;
  readonly data: object;
  /** From -1000 to 1000, default 0: the highest first. Among equals tenants take turns. */
  readonly priority?: number;
  readonly startAfterSeconds?: number;
  /** At most one waiting or active job with this key in the queue. */
  readonly singletonKey?: string;
}

export interface JobQueue {
  /** Inside `tx`: the job exists if and only if the transaction commits. Returns the job's id. */
  enqueue(ctx: RequestContext, tx: EntityManager, job: JobRequest): Promise<string>;
}

export const JOB_QUEUE = Symbol.for('guildhall.job-queue');
