import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@guildhall/core';
import { EVENT_BUS, type EventBus, type RequestContext } from '@guildhall/sdk';
import type { StoredError } from '../run.js';
import { RunSettlement, type SettleGuard, type SettledRun } from '../run-settlement.js';
import { ThreadQueue } from '../threads/thread-queue.js';
import { announceEnd } from './announce-end.js';
import { type DoomedRun, LeaseRepository, MAX_CRASHES } from './lease.repository.js';

const CANCELLED: StoredError = {
  code: 'cancelled',
  category: 'cancelled',
  message: 'The run was cancelled',
  retryable: false,
};
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
SELECT DISTINCT r.id, r.tenant_id AS "tenantId", r.thread_id AS "threadId", r.agent_id AS "agentId"
FROM interrupts i JOIN runs r ON r.id = i.run_id
WHERE i.status = 'pending' AND i.expires_at < now()
  AND (r.status = 'waiting' OR r.status = 'needs_attention' AND i.kind = 'unknown_effect') LIMIT 100`;

/** Finds what others left behind. Any number of processes may sweep at once. */
@Injectable()
export class Sweeper {
  constructor(
    private readonly database: Database,
    private readonly leases: LeaseRepository,
    private readonly settlement: RunSettlement,
    private readonly threads: ThreadQueue,
    @Inject(EVENT_BUS) private readonly events: EventBus,
  ) {}

  async sweep(ctx: RequestContext): Promise<void> {
    const requeued = await this.leases.requeueExpired();
    if (requeued > 0) ctx.logger.warn({ runs: requeued }, 'Took over runs whose worker is gone');
    for (const run of await this.leases.doomed()) await this.endDoomed(ctx, run);
    await this.endUnanswered(ctx);
    for (const thread of await this.threads.stalled(this.database.manager)) {
      await this.database.transaction(ctx, (tx) => this.threads.promote(tx, thread));
    }
  }

  private endDoomed(ctx: RequestContext, run: DoomedRun): Promise<void> {
    if (run.cancelled) return this.end(ctx, run, 'cancelled', CANCELLED, 'expired');
    ctx.logger.error({ runId: run.id, crashes: run.crashes + 1 }, 'Run given up: it keeps killing its worker');
    return this.end(ctx, run, 'failed', CRASHED, 'expired');
  }

  private async endUnanswered(ctx: RequestContext): Promise<void> {
    const runs = await this.database.manager.query<(SettledRun & { agentId: string })[]>(SELECT_UNANSWERED);
    for (const run of runs) {
      await this.database.manager.query(
        `UPDATE interrupts SET status = 'expired' WHERE run_id = $1 AND tenant_id = $2 AND status = 'pending' AND expires_at < now()`,
        [run.id, run.tenantId],
      );
      await this.end(ctx, run, 'failed', EXPIRED, 'resting');
    }
  }

  private async end(
    ctx: RequestContext,
    run: SettledRun & { readonly agentId: string },
    status: 'failed' | 'cancelled',
    error: StoredError,
    guard: SettleGuard,
  ): Promise<void> {
    const ended = await this.database.transaction(ctx, (tx) => this.settlement.end(tx, run, { status, error, guard }));
    if (ended) announceEnd(this.events, run, status, error);
  }
}
