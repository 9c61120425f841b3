import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { StoredError } from './run.js';
import { ThreadQueue } from './threads/thread-queue.js';

export interface SettledRun {
  readonly id: string;
  readonly tenantId: string;
  readonly threadId: string;
}

/** `resting`: no engine works on it. `expired`: its engine has not been heard of for as long as a lease lasts. */
export type SettleGuard = 'resting' | 'expired';

const GUARDS: Record<SettleGuard, string> = {
  resting: `status IN ('queued', 'waiting', 'needs_attention')`,
  expired: `status = 'running' AND lease_expires_at < now()`,
};

/** Ends runs that no engine holds. */
@Injectable()
export class RunSettlement {
  constructor(private readonly threads: ThreadQueue) {}

  /** False when the run is not, or no longer, in the guarded state. */
  async end(
    tx: EntityManager,
    run: SettledRun,
    outcome: { readonly status: 'failed' | 'cancelled'; readonly error: StoredError; readonly guard: SettleGuard },
  ): Promise<boolean> {
    const { status, error, guard } = outcome;
    await this.threads.lock(tx, run);
    const [rows] = await tx.query<[{ last_seq: number }[]]>(
      `UPDATE runs SET status = $3, error = $4, output = NULL, lease_owner = NULL, lease_expires_at = NULL,
        lease_epoch = lease_epoch + 1, last_seq = last_seq + 1, finished_at = now()
       WHERE id = $1 AND tenant_id = $2 AND ${GUARDS[guard]} RETURNING last_seq`,
      [run.id, run.tenantId, status, JSON.stringify(error)],
    );
    if (!rows[0]) return false;
    await tx.query(
      `INSERT INTO run_events (run_id, seq, tenant_id, type, payload, at) VALUES ($1, $2, $3, $4, $5, now())`,
      [run.id, rows[0].last_seq, run.tenantId, `run.${status}`, JSON.stringify({ error })],
    );
    await tx.query(
      `UPDATE interrupts SET status = 'cancelled' WHERE run_id = $1 AND tenant_id = $2 AND status = 'pending'`,
      [run.id, run.tenantId],
    );
    await this.threads.leave(tx, run);
    await tx.query(`SELECT pg_notify('guildhall_runs', $1)`, [run.id]);
    return true;
  }
}
