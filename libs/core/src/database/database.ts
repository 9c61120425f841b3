import { type BeforeApplicationShutdown, Injectable, Optional } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { RequestContext } from '@guildhall/sdk';
import { retry } from '../resilience/retry.js';
import { DatabaseBreaker } from './database-breaker.js';
import { isTransient } from './database-error.js';
import { DatabaseMetrics } from './database-metrics.js';
import { NotificationListener, type Subscription } from './notification-listener.js';

export interface TransactionOptions {
  /**
   * `work` may run again after a rollback: it has no effect outside the transaction. Then lost connections, deadlocks
   * and serialisation failures are tried up to three times.
   */
  readonly repeatable?: boolean;
}

/** The one way to the database: services open a transaction here and hand it to repositories. */
@Injectable()
export class Database implements BeforeApplicationShutdown {
  private listener: NotificationListener | undefined;

  constructor(
    @InjectDataSource() private readonly source: DataSource,
    @Optional() private readonly breaker?: DatabaseBreaker,
    @Optional() private readonly metrics?: DatabaseMetrics,
  ) {}

  /** Runs `work` in one transaction; a throw rolls it back. No network or model call belongs inside. */
  transaction<T>(
    ctx: RequestContext,
    work: (tx: EntityManager) => Promise<T>,
    { repeatable = false }: TransactionOptions = {},
  ): Promise<T> {
    const attempt = () => this.attempt(ctx, work);
    if (!repeatable) return attempt();
    const onRetry = () => this.metrics?.countRetry();
    return retry(attempt, { signal: ctx.signal, retryable: isTransient, onRetry });
  }

  /** For single statements outside a transaction. */
  get manager(): EntityManager {
    return this.source.manager;
  }

  /** The `pg` pool that TypeORM uses too, for the few places where its cost matters (the run engine). */
  get pool(): Pool {
    return (this.source.driver as PostgresDriver).master as Pool;
  }

  /**
   * Calls `onPayload` for every NOTIFY on the channel. A hint, no promise: `onReconnect` is called after the connection
   * was away, and must look for what was missed. All channels share one connection of the pool.
   */
  listen(channel: string, onPayload: (payload: string) => void, onReconnect: () => void): Promise<Subscription> {
    this.listener ??= new NotificationListener(this.pool);
    return this.listener.listen(channel, onPayload, onReconnect);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.breaker?.stopProbe();
    await this.listener?.close();
  }

  private async attempt<T>(ctx: RequestContext, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    ctx.signal.throwIfAborted();
    if (ctx.actor.kind === 'system' || !this.breaker) return this.source.transaction(work);
    return this.breaker.run(() => this.source.transaction(work));
  }
}
