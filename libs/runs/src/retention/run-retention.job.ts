import { Database, Settings } from '@guildhall/core';
import { JobHandler, type JobHandlerContract, type RequestContext } from '@guildhall/sdk';
import { RETENTION_HOURS } from '../streaming/run-event.repository.js';

/** What one statement touches: short enough that nobody waits for it. */
const RUNS = 100;
const ROWS = 5_000;

type Table = 'run_events' | 'run_steps';

/** Jumps from run to run along the primary key; what was removed on other days costs nothing today. */
const nextRuns = (table: Table): string => `
WITH RECURSIVE kept AS (
  (SELECT run_id FROM ${table} WHERE run_id > $1 ORDER BY run_id LIMIT 1)
  UNION ALL
  SELECT (SELECT n.run_id FROM ${table} n WHERE n.run_id > kept.run_id ORDER BY n.run_id LIMIT 1)
  FROM kept WHERE kept.run_id IS NOT NULL
) SELECT run_id AS id FROM kept WHERE run_id IS NOT NULL LIMIT $2`;

const ENDED = `r.status IN ('succeeded', 'failed', 'cancelled') AND r.finished_at < now()`;

/** Under the runs' locks: a retry must know which events are gone, or its readers would not learn of the gap. */
const DELETE_EVENTS = `
WITH due AS MATERIALIZED (
  SELECT r.id, r.tenant_id FROM runs r WHERE r.id = ANY($1) AND ${ENDED} - $2 * interval '1 hour'
  FOR UPDATE SKIP LOCKED
) DELETE FROM run_events WHERE (run_id, seq) IN (
  SELECT e.run_id, e.seq FROM run_events e JOIN due ON due.id = e.run_id AND due.tenant_id = e.tenant_id LIMIT $3)`;

/** All steps of a run or none, under its lock: a retry must never find half a record and do the rest again. */
const DELETE_STEPS = `
WITH due AS (
  SELECT r.id, r.tenant_id FROM runs r WHERE r.id = ANY($1) AND ${ENDED} - $2 * interval '1 day'
  FOR UPDATE SKIP LOCKED
) DELETE FROM run_steps s USING due WHERE s.run_id = due.id AND s.tenant_id = due.tenant_id`;

const NEXT_INTERRUPTS = 'SELECT id FROM interrupts WHERE id > $1 ORDER BY id LIMIT $2';

/** After the steps, never before: without its answer a step that was kept would ask again. */
const DELETE_INTERRUPTS = `
DELETE FROM interrupts i USING runs r
WHERE i.id = ANY($1) AND r.id = i.run_id AND r.tenant_id = i.tenant_id AND ${ENDED} - $2 * interval '1 day'
  AND NOT EXISTS (SELECT FROM run_steps s WHERE s.run_id = r.id AND s.tenant_id = r.tenant_id)`;

/**
 * Removes what is no longer kept of runs that have ended: their events 24 hours after the end, their steps and
 * interrupts after `RUN_RETENTION_DAYS`. The run itself, with input, output, error and usage, stays, as do the thread's
 * messages; without its record it can no longer be retried. Runs that have not ended keep everything.
 *
 * It purges the whole system: no query here is of one tenant, each row goes by the state of its own tenant's run.
 * Stopped half way, it does the rest the next time.
 */
@JobHandler({ queue: 'run.retention', cron: '17 3 * * *', concurrency: 1, expireInSeconds: 3600 })
export class RunRetentionJob implements JobHandlerContract {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  async handle(ctx: RequestContext): Promise<void> {
    const days = this.settings.RUN_RETENTION_DAYS;
    const events = await this.purge(ctx, nextRuns('run_events'), (ids) => this.deleteEvents(ctx, ids));
    const steps = await this.purge(ctx, nextRuns('run_steps'), (ids) => this.delete(DELETE_STEPS, [ids, days]));
    const interrupts = await this.purge(ctx, NEXT_INTERRUPTS, (ids) => this.delete(DELETE_INTERRUPTS, [ids, days]));
    ctx.logger.info({ events, steps, interrupts }, 'Removed what is no longer kept of runs');
  }

  private async purge(
    ctx: RequestContext,
    next: string,
    remove: (ids: readonly string[]) => Promise<number>,
  ): Promise<number> {
    let removed = 0;
    for (let after: string | undefined = ''; after !== undefined;) {
      ctx.signal.throwIfAborted();
      const page: { id: string }[] = (await this.database.pool.query(next, [after, RUNS])).rows;
      if (page.length > 0) removed += await remove(page.map(({ id }) => id));
      after = page.at(-1)?.id;
    }
    return removed;
  }

  /** A run may have any number of events. */
  private async deleteEvents(ctx: RequestContext, ids: readonly string[]): Promise<number> {
    let removed = 0;
    for (let batch = ROWS; batch === ROWS; removed += batch) {
      ctx.signal.throwIfAborted();
      batch = await this.delete(DELETE_EVENTS, [ids, RETENTION_HOURS, ROWS]);
    }
    return removed;
  }

  private async delete(text: string, values: unknown[]): Promise<number> {
    return (await this.database.pool.query(text, values)).rowCount ?? 0;
  }
}
