import { Inject, Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import type { Logger } from '@guildhall/sdk';
import { inLogFields } from '../telemetry/log-context.js';
import { LOGGER } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import type { ElasticPool } from './elastic-pool.js';
import type { AnsweredQuery } from './tallied-client.js';

const SLOW_MS = 500;
const SHOWN = 1_000;

/** How long the database takes to answer, and which statements it takes long over. */
@Injectable()
export class QueryWatch {
  private readonly durations: Histogram;
  private readonly slow: Counter;

  constructor(
    { registry }: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.durations = new Histogram({
      name: 'database_query_duration_seconds',
      help: 'Time from sending a statement to its answer',
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
      registers: [registry],
    });
    this.slow = new Counter({
      name: 'database_slow_queries_total',
      help: `Statements that took ${SLOW_MS} ms or longer; the log names them`,
      registers: [registry],
    });
  }

  watch(pool: ElasticPool): void {
    pool.onAnswer = (query) => this.answered(query);
  }

  private answered({ statement, ms, fields }: AnsweredQuery): void {
    this.durations.observe(ms / 1000);
    if (ms < SLOW_MS) return;
    this.slow.inc();
    // Answers come in the async context of the connection, which may be another request's.
    inLogFields(fields, () =>
      this.logger.warn({ durationMs: Math.round(ms), statement: withoutValues(statement) }, 'Slow query'),
    );
  }
}

/** Values are sent beside a statement; should one stand in its text all the same, it is not shown. */
function withoutValues(statement: string): string {
  const text = statement
    .replaceAll(/'(?:[^']|'')*'/g, '?')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
