import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '@guildhall/core';
import { ConflictError, EVENT_BUS, type EventBus, type RequestContext } from '@guildhall/sdk';
import { announceEnd } from './engine/announce-end.js';
import { OUTCOME_UNKNOWN } from './engine/replay.js';
import { RunEngine } from './engine/run-engine.js';
import { RunSettlement } from './run-settlement.js';
import { RunWaiter } from './run-waiter.js';
import { RunRepository } from './run.repository.js';
import { type Run, type StoredError, isTerminal } from './run.js';
import { RunSignals } from './streaming/run-signals.js';
import { ThreadQueue } from './threads/thread-queue.js';

/** An engine hears of a cancellation at once and needs a moment to come to a stop. */
const CANCEL_WITHIN_MS = 3_000;

const CANCELLED: StoredError = {
  code: 'cancelled',
  category: 'cancelled',
  message: 'The run was cancelled',
  retryable: false,
};

/** What a caller can do to a run that exists. */
@Injectable()
export class RunControl {
  constructor(
    private readonly database: Database,
    private readonly runs: RunRepository,
    private readonly settlement: RunSettlement,
    private readonly threads: ThreadQueue,
    private readonly engine: RunEngine,
    private readonly waiter: RunWaiter,
    private readonly signals: RunSignals,
    @Inject(EVENT_BUS) private readonly events: EventBus,
  ) {}

  /** Cancelling twice is no fault. The run is cancelled when this resolves, or about to be. */
  async cancel(ctx: RequestContext, id: string): Promise<Run> {
    const run = await this.runs.get(ctx, id);
    if (run.status === 'cancelled') return run;
    if (isTerminal(run.status)) throw alreadyFinished(run);
    if (await this.requestCancel(ctx, id)) {
      return this.waiter.until(ctx, id, CANCEL_WITHIN_MS, ({ status }) => isTerminal(status));
    }
    const outcome = { status: 'cancelled', error: CANCELLED, guard: 'resting' } as const;
    const ended = await this.database.transaction(ctx, (tx) => this.settlement.end(tx, run, outcome));
    // Neither running nor resting: it was changing between the two while we looked.
    if (!ended) return this.cancel(ctx, id);
    announceEnd(this.events, run, 'cancelled', CANCELLED);
    this.signals.wake(id);
    return this.runs.get(ctx, id);
  }

  /** From the step that failed: what succeeded stays, and is not done again. */
  async retry(ctx: RequestContext, id: string): Promise<Run> {
    const run = await this.runs.get(ctx, id);
    const requeued = await this.database.transaction(ctx, async (tx) => {
      await this.threads.lock(tx, run);
      const [rows] = await tx.query<[{ was: string }[]]>(
        `UPDATE runs r SET status = 'queued', attempts = r.attempts + 1, crashes = 0, cancel_requested_at = NULL,
           error = NULL, output = NULL, finished_at = NULL, active_ms = 0, lease_epoch = r.lease_epoch + 1
         FROM (SELECT id, status AS was FROM runs WHERE id = $1 AND tenant_id = $2 FOR UPDATE) before
         WHERE r.id = before.id AND r.status IN ('failed', 'needs_attention') RETURNING before.was`,
        [id, ctx.tenantId],
      );
      if (!rows[0]) return false;
      await this.refuseWithoutRecord(tx, run);
      await tx.query(
        `UPDATE run_steps SET status = 'superseded' WHERE run_id = $1 AND tenant_id = $2 AND status = 'failed'
           AND (kind <> 'tool' OR error ->> 'code' = 'internal_error') AND error ->> 'code' <> $3`,
        [id, ctx.tenantId, OUTCOME_UNKNOWN],
      );
      // A run that needs attention still holds its thread; a failed one has left it.
      const ready = rows[0].was === 'needs_attention' || (await this.threads.enter(tx, run));
      await tx.query(`UPDATE runs SET ready = $3 WHERE id = $1 AND tenant_id = $2`, [id, ctx.tenantId, ready]);
      await tx.query(`SELECT pg_notify('guildhall_runs', 'work')`);
      return true;
    });
    const now = await this.runs.get(ctx, id);
    if (!requeued) throw notRetryable(now);
    return now;
  }

  /** Makes way on a thread for a run that queues: cancels the active one and, to roll back, forgets what it was told. */
  async clearThread(
    ctx: RequestContext,
    { threadId, runId, mode }: { threadId: string; runId: string; mode: 'interrupt' | 'rollback' },
  ): Promise<void> {
    const rows = await this.database.manager.query<{ id: string | null }[]>(
      'SELECT active_run_id AS id FROM threads WHERE id = $1 AND tenant_id = $2',
      [threadId, ctx.tenantId],
    );
    const active = rows[0]?.id;
    if (!active || active === runId) return;
    // Before, because the next run may begin as soon as this one has ended; after, because it may have answered.
    if (mode === 'rollback') await this.forgetMessages(ctx, active);
    await this.cancel(ctx, active).catch((error: unknown) => {
      // It ended by itself in the meantime, which makes way as well.
      if (!(error instanceof ConflictError)) throw error;
    });
    if (mode === 'rollback') await this.forgetMessages(ctx, active);
  }

  /** Under the run's lock. Every run that ended has events, unless they were removed; its steps may be gone as well. */
  private async refuseWithoutRecord(tx: EntityManager, { id, tenantId }: Run): Promise<void> {
    const [{ recorded }] = await tx.query<[{ recorded: boolean }]>(
      `SELECT EXISTS (SELECT FROM run_steps WHERE run_id = $1 AND tenant_id = $2)
         OR EXISTS (SELECT FROM run_events WHERE run_id = $1 AND tenant_id = $2) AS recorded`,
      [id, tenantId],
    );
    if (recorded) return;
    const message = `The record of run '${id}' is no longer kept, so it cannot go on from where it failed; start a new run`;
    throw new ConflictError('run_not_retryable', message);
  }

  private async forgetMessages(ctx: RequestContext, runId: string): Promise<void> {
    await this.database.manager.query('DELETE FROM messages WHERE run_id = $1 AND tenant_id = $2', [
      runId,
      ctx.tenantId,
    ]);
  }

  private async requestCancel(ctx: RequestContext, id: string): Promise<boolean> {
    const [rows] = await this.database.manager.query<[unknown[]]>(
      `UPDATE runs SET cancel_requested_at = coalesce(cancel_requested_at, now())
       WHERE id = $1 AND tenant_id = $2 AND status = 'running' RETURNING pg_notify('guildhall_runs', 'cancel:' || id)`,
      [id, ctx.tenantId],
    );
    if (rows.length === 0) return false;
    this.engine.cancel(id);
    return true;
  }
}

function alreadyFinished({ id, status }: Run): ConflictError {
  return new ConflictError('run_already_finished', `Run '${id}' has ${status} already`);
}

function notRetryable({ id, status }: Run): ConflictError {
  if (isTerminal(status)) return alreadyFinished({ id, status } as Run);
  const message = `Run '${id}' is ${status}; only a run that failed or needs attention can be retried`;
  return new ConflictError('run_not_retryable', message);
}
