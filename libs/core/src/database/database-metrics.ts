import { Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { Counter } from 'prom-client';
import { Metrics } from '../telemetry/metrics.js';

/** What operators see of the database: its pool, repeated transactions, the breaker. */
@Injectable()
export class DatabaseMetrics {
  private readonly retries: Counter;

  constructor(private readonly metrics: Metrics) {
    this.retries = new Counter({
      name: 'database_retries_total',
      help: 'Transactions repeated after a transient error',
      registers: [metrics.registry],
    });
  }

  countRetry(): void {
    this.retries.inc();
  }

  observe(pool: Pool, breakerOpen: () => boolean): void {
    const { metrics } = this;
    metrics.observe('database_pool_connections', 'Connections in the pool', () => pool.totalCount);
    metrics.observe('database_pool_idle', 'Connections that nobody uses', () => pool.idleCount);
    metrics.observe('database_pool_waiting', 'Callers that wait for a connection', () => pool.waitingCount);
    metrics.observe('database_pool_limit', 'Connections the pool may open', () => pool.options.max ?? 0);
    metrics.observe('database_breaker_open', '1 while requests are refused without asking the database', () =>
      breakerOpen() ? 1 : 0,
    );
  }
}
