import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Database, LOGGER, NumberedWrites, SetAside } from '@guildhall/core';
import type { Logger } from '@guildhall/sdk';
import { ADD_USAGE, type UsageEntry } from './usage-book.statement.js';
import { type BookedCall, UsageTally } from './usage-tally.js';

const FLUSH_MS = 250;
const RETRY_MS = 2_000;

/**
 * Counts what model calls used, for `/usage`. A call costs an addition in memory; every 250 ms, and when the process
 * stops, one statement adds what gathered to the book in the database. What could not be written is kept and tried
 * again, under its old number, so that a write whose answer was lost counts once. An entry that can never be written is
 * set aside alone.
 *
 * A process that is killed loses what it gathered since the last write: at most 250 ms of calls, or as much as happened
 * while the database was away. The totals of runs and threads lose nothing: they are written with the runs' steps.
 */
@Injectable()
export class UsageBook {
  private readonly writer = `usage:${randomUUID()}`;
  private gathered = new UsageTally();
  /** Taken out of `gathered`, and not yet known to be written. */
  private readonly leaving = new NumberedWrites<UsageEntry>(
    (entries, number) => this.write(entries, number),
    ({ tenant_id: tenantId, provider, day }, error) => this.setAside.tell('usage', { tenantId, provider, day }, error),
  );
  private writing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isStuck = false;

  constructor(
    private readonly database: Database,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly setAside: SetAside,
  ) {}

  /** Forgets the writers of processes that are long gone. */
  async start(): Promise<void> {
    await this.database.pool.query(`DELETE FROM accounting_writers WHERE written_at < now() - interval '7 days'`);
  }

  add(call: BookedCall): void {
    this.gathered.add(call);
    this.timer ??= this.flushIn(FLUSH_MS);
  }

  /** Resolves when everything added so far is in the database; rejects when that cannot be reached. */
  async flush(): Promise<void> {
    // A write under way may have begun before the last addition; what comes from now on is the next flush's.
    await this.writing?.catch(() => undefined);
    if (!this.leaving.isEmpty) await this.writeOnce();
    if (this.gathered.size > 0) await this.writeOnce();
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.flush().catch((error: unknown) => {
      const lost = [...this.leaving.left, ...this.gathered.list()];
      this.logger.error({ err: error, lost }, 'The usage of the last model calls could not be booked');
    });
    await this.database.pool
      .query('DELETE FROM accounting_writers WHERE id = $1', [this.writer])
      .catch(() => undefined);
  }

  private flushIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.timer = undefined;
      this.flush().then(
        () => (this.isStuck = false),
        (error: unknown) => this.retryLater(error),
      );
    }, ms).unref();
  }

  private retryLater(error: unknown): void {
    if (!this.isStuck) {
      this.logger.warn({ err: error }, 'The usage of model calls cannot be booked now; it is kept and tried again');
    }
    this.isStuck = true;
    this.timer ??= this.flushIn(RETRY_MS);
  }

  private writeOnce(): Promise<void> {
    return (this.writing ??= this.writeAll());
  }

  private async writeAll(): Promise<void> {
    try {
      if (this.leaving.isEmpty) {
        this.leaving.add(this.gathered.list());
        this.gathered = new UsageTally();
      }
      await this.leaving.flush();
    } finally {
      this.writing = undefined;
    }
  }

  private async write(entries: readonly UsageEntry[], number: number): Promise<void> {
    const values = [JSON.stringify(entries), this.writer, number];
    await this.database.pool.query({ name: 'usage_add', text: ADD_USAGE, values });
  }
}
