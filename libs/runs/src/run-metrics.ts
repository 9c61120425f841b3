import { Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import { Database, Metrics, knownCategory, sampled } from '@guildhall/core';
import type { EndedRun } from './ended-run.js';

/** More than this many are as good as any number: it keeps the count cheap. */
const COUNTED = 100_000;
/** By the index that claims use. */
const WAITING = `SELECT count(*)::int AS runs FROM (
  SELECT FROM runs WHERE status = 'queued' AND ready LIMIT ${COUNTED}) AS waiting`;

/** What operators see of runs. Agents and tenants are users' to name, so neither is a label. */
@Injectable()
export class RunMetrics {
  private readonly ends: Counter<'status' | 'category'>;
  private readonly durations: Histogram<'status'>;

  constructor(
    private readonly metrics: Metrics,
    private readonly database: Database,
  ) {
    const registers = [metrics.registry];
    this.ends = new Counter({
      name: 'runs_total',
      help: 'Runs that ended in this process, by how and, where they failed, by the category of the error',
      labelNames: ['status', 'category'],
      registers,
    });
    this.durations = new Histogram({
      name: 'run_duration_seconds',
      help: 'Time from the start of the work on a run to its end, waiting for people included',
      labelNames: ['status'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 3600],
      registers,
    });
  }

  /** Shows the queue of all processes whenever somebody looks. */
  observe(): void {
    const waiting = sampled(async () => (await this.database.pool.query<{ runs: number }>(WAITING)).rows[0]!.runs);
    this.metrics.observe('runs_waiting', 'Runs of the whole deployment that wait for a worker', waiting);
  }

  ended({ status, error }: Pick<EndedRun, 'status' | 'error'>, durationMs: number | undefined): void {
    this.ends.inc({ status, category: status === 'failed' ? knownCategory(error?.category) : 'none' });
    if (durationMs !== undefined) this.durations.observe({ status }, durationMs / 1000);
  }
}
