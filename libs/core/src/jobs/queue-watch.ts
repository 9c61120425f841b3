import type { Logger } from '@guildhall/sdk';
import type { Database } from '../database/database.js';
import { JOB_SCHEMA } from './job-schema.js';

const LOOK_MS = 2_000;

/** By index, and no further than the first job of each queue. */
const LOOK = `
  SELECT queue, due, abandoned FROM unnest($1::text[]) AS q (queue), LATERAL (SELECT
    EXISTS (
      SELECT FROM ${JOB_SCHEMA}.job
      WHERE name = q.queue AND state < 'active' AND NOT blocked AND start_after <= now()
    ) AS due,
    EXISTS (
      SELECT FROM ${JOB_SCHEMA}.job
      WHERE name = q.queue AND state = 'active' AND (started_on + expire_seconds * interval '1s' < now()
        OR heartbeat_on + heartbeat_seconds * interval '1s' < now())
    ) AS abandoned
  ) AS found
  WHERE due OR abandoned`;

interface QueueState {
  readonly queue: string;
  /** A retry whose time has come, or a job whose notification was lost. */
  readonly due: boolean;
  /** A job whose process is gone, or that takes too long. */
  readonly abandoned: boolean;
}

export interface QueueWatchActions {
  wake(worker: string): void;
  /** Fails the queue's abandoned jobs, so that they run again. */
  supervise(queue: string): Promise<void>;
  /** Takes up queues and leaves them, as plugins come and go; nothing to do at most times. */
  match(): Promise<void>;
}

/**
 * Looks for what no notification tells. One cheap statement for all queues, where each worker and pg-boss's supervisor
 * would otherwise ask for themselves every few seconds, all day.
 */
export class QueueWatch {
  private readonly workers = new Map<string, string[]>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
    private readonly actions: QueueWatchActions,
  ) {}

  add(queue: string, worker: string): void {
    this.workers.set(queue, [...(this.workers.get(queue) ?? []), worker]);
  }

  remove(queue: string): void {
    this.workers.delete(queue);
  }

  get queues(): string[] {
    return [...this.workers.keys()];
  }

  start(): void {
    this.timer ??= setInterval(() => void this.look(), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      await this.actions.match();
      const { rows } = await this.database.pool.query<QueueState>(LOOK, [this.queues]);
      for (const state of rows) await this.act(state);
    } catch (error) {
      // The next look is soon; that the database is away is said louder elsewhere.
      this.logger.debug({ err: error }, 'Could not look after the queues');
    } finally {
      this.looking = false;
    }
  }

  private async act({ queue, due, abandoned }: QueueState): Promise<void> {
    if (abandoned) await this.actions.supervise(queue);
    if (due) for (const worker of this.workers.get(queue) ?? []) this.actions.wake(worker);
  }
}
