import { Injectable } from '@nestjs/common';
import { Database } from '@guildhall/core';
import { ConflictError, type RequestContext } from '@guildhall/sdk';
import { RunEngine } from './engine/run-engine.js';
import { alreadyFinished } from './run-conflicts.js';
import { RunEnds } from './run-ends.js';
import { RunSettlement } from './run-settlement.js';
import { RunWaiter } from './run-waiter.js';
import { RunRepository } from './run.repository.js';
import { CANCELLED, type Run, isTerminal } from './run.js';
import { RunSignals } from './streaming/run-signals.js';

/** An engine hears of a cancellation at once and needs a moment to come to a stop. */
const CANCEL_WITHIN_MS = 3_000;

/** Ends runs at their caller's wish. */
@Injectable()
export class RunControl {
  constructor(
    private readonly database: Database,
    private readonly runs: RunRepository,
    private readonly settlement: RunSettlement,
    private readonly engine: RunEngine,
    private readonly waiter: RunWaiter,
    private readonly signals: RunSignals,
    private readonly ends: RunEnds,
  ) {}

  /** Cancelling twice is no fault. The run is cancelled when this resolves, or about to be. */
  async cancel(ctx: RequestContext, id: string): Promise<Run> {
    const run = await this.runs.get(ctx, id);
    if (run.status === 'cancelled') return run;
    if (isTerminal(run.status)) throw alreadyFinished(run);
    if (await this.requestCancel(ctx, id)) {
      const stopped = await this.waiter.until(ctx, id, CANCEL_WITHIN_MS, ({ status }) => status !== 'running');
      if (stopped.status === 'running' || isTerminal(stopped.status)) return stopped;
      // It was coming to rest and no longer listened: ended like any run at rest.
    }
    const outcome = { status: 'cancelled', error: CANCELLED, guard: 'resting' } as const;
    const ended = await this.database.transaction(ctx, (tx) => this.settlement.end(tx, run, outcome));
    // Neither running nor resting: it was changing between the two while we looked.
    if (!ended) return this.cancel(ctx, id);
    this.ends.tell(ended);
    this.signals.wake(id);
    return this.runs.get(ctx, id);
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
