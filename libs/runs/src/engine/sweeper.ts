import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@guildhall/core';
import { AGENT_CATALOG, type AgentCatalog, type RequestContext } from '@guildhall/sdk';
import { RunEnds } from '../run-ends.js';
import { CANCELLED, type StoredError } from '../run.js';
import { RunSettlement, type SettleGuard, type SettledRun, UNANSWERED } from '../run-settlement.js';
import { ThreadQueue } from '../threads/thread-queue.js';
import { type DoomedRun, LeaseRepository, MAX_CRASHES } from './lease.repository.js';
import { timedOut } from './limits.js';
import { toStoredError } from './stored-error.js';

const CRASHED: StoredError = {
  code: 'crashed_repeatedly',
  category: 'internal',
  message: `The process that worked on the run ended ${MAX_CRASHES} times at the same step`,
  retryable: false,
};
const EXPIRED: StoredError = {
  code: 'interrupt_expired',
  category: 'timeout',
  message: 'Nobody answered in time',
  retryable: true,
};

const SELECT_UNANSWERED = `
SELECT DISTINCT r.id, r.tenant_id AS "tenantId", r.thread_id AS "threadId"
FROM interrupts i JOIN runs r ON r.id = i.run_id WHERE ${UNANSWERED} LIMIT 100`;

/** They were about to rest when somebody cancelled them, and no engine was left to hear of it. */
const SELECT_CANCELLED_AT_REST = `
SELECT id, tenant_id AS "tenantId", thread_id AS "threadId"
FROM runs WHERE status IN ('waiting', 'needs_attention') AND cancel_requested_at IS NOT NULL LIMIT 100`;

/** Finds what others left behind. Any number of processes may sweep at once. */
@Injectable()
export class Sweeper {
  constructor(
    private readonly database: Database,
    private readonly leases: LeaseRepository,
    private readonly settlement: RunSettlement,
    private readonly threads: ThreadQueue,
    @Inject(AGENT_CATALOG) private readonly agents: AgentCatalog,
    private readonly ends: RunEnds,
  ) {}

  async sweep(ctx: RequestContext): Promise<void> {
    const requeued = await this.leases.requeueExpired();
    if (requeued > 0) ctx.logger.warn({ runs: requeued }, 'Took over runs whose worker is gone');
    for (const run of await this.leases.doomed()) await this.endDoomed(ctx, run);
    await this.endCancelledAtRest(ctx);
    await this.endUnanswered(ctx);
    for (const thread of await this.threads.stalled(this.database.manager)) {
      await this.database.transaction(ctx, (tx) => this.threads.promote(tx, thread));
    }
  }

  private async endDoomed(ctx: RequestContext, run: DoomedRun): Promise<void> {
    if (run.cancelled) return this.end(ctx, run, 'cancelled', CANCELLED, 'expired');
    ctx.logger.error({ runId: run.id, crashes: run.crashes + 1 }, 'Run given up: it keeps killing its worker');
    return this.end(ctx, run, 'failed', (await this.overtime(ctx, run)) ?? CRASHED, 'expired');
  }

  /** That its time was up, which it may have been before its worker died the last time. */
  private async overtime(ctx: RequestContext, run: DoomedRun): Promise<StoredError | undefined> {
    const { tenantId, agentId, agentVersion, activeMs } = run;
    try {
      const { definition } = await this.agents.resolve({ ...ctx, tenantId }, agentId, agentVersion, 'continue');
      const { timeoutMs } = definition.limits;
      return activeMs >= timeoutMs ? toStoredError(timedOut(timeoutMs)) : undefined;
    } catch (error) {
      ctx.logger.warn({ err: error, runId: run.id }, 'Cannot tell the limits of a run that is given up');
      return undefined;
    }
  }

  private async endCancelledAtRest(ctx: RequestContext): Promise<void> {
    const runs = await this.database.manager.query<SettledRun[]>(SELECT_CANCELLED_AT_REST);
    for (const run of runs) await this.end(ctx, run, 'cancelled', CANCELLED, 'resting');
  }

  private async endUnanswered(ctx: RequestContext): Promise<void> {
    const runs = await this.database.manager.query<SettledRun[]>(SELECT_UNANSWERED);
    for (const run of runs) await this.end(ctx, run, 'failed', EXPIRED, 'unanswered');
  }

  private async end(
    ctx: RequestContext,
    run: SettledRun,
    status: 'failed' | 'cancelled',
    error: StoredError,
    guard: SettleGuard,
  ): Promise<void> {
    const ended = await this.database.transaction(ctx, (tx) => this.settlement.end(tx, run, { status, error, guard }));
    if (ended) this.ends.tell(ended);
  }
}
