import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ENDED_ROW, type EndedRow, type EndedRun } from './ended-run.js';
import { UNKNOWN_OUTCOME } from './engine/unknown-outcome.js';
import type { StoredError } from './run.js';
import { ThreadQueue } from './threads/thread-queue.js';

export interface SettledRun {
  readonly id: string;
  readonly tenantId: string;
  readonly threadId: string;
}

/**
 * `resting`: no engine works on it. `unanswered`: it rests on a question whose time is over. `expired`: its engine has
 * not been heard of for as long as a lease lasts.
 */
export type SettleGuard = 'resting' | 'unanswered' | 'expired';

/** Whose run `r` cannot go on without an answer that can no longer be given. */
export const UNANSWERED = `i.status = 'pending' AND i.expires_at < now()
  AND (r.status = 'waiting' OR r.status = 'needs_attention' AND i.kind = 'unknown_effect')`;

const GUARDS: Record<SettleGuard, string> = {
  resting: `status IN ('queued', 'waiting', 'needs_attention')`,
  unanswered: `EXISTS (SELECT FROM interrupts i WHERE i.run_id = r.id AND i.tenant_id = r.tenant_id AND ${UNANSWERED})`,
  expired: `status = 'running' AND lease_expires_at < now()`,
};

/** A question fails as its run does. What a call to a tool did nobody knows, and a retry must know that: see `replayStep`. */
const CLOSE_STEPS = `
UPDATE run_steps SET status = 'failed', finished_at = now(), error = CASE kind WHEN 'tool' THEN $4::jsonb ELSE $3::jsonb END
WHERE run_id = $1 AND tenant_id = $2 AND status = 'running'`;

/** Ends runs that no engine holds. */
@Injectable()
export class RunSettlement {
  constructor(private readonly threads: ThreadQueue) {}

  /** What is to be told once this is committed; undefined when the run is not, or no longer, in the guarded state. */
  async end(
    tx: EntityManager,
    run: SettledRun,
    outcome: { readonly status: 'failed' | 'cancelled'; readonly error: StoredError; readonly guard: SettleGuard },
  ): Promise<EndedRun | undefined> {
    const { status, error, guard } = outcome;
    await this.threads.lock(tx, run);
    const [rows] = await tx.query<[(EndedRow & { readonly lastSeq: number })[]]>(
      `UPDATE runs r SET status = $3, error = $4, output = NULL, lease_owner = NULL, lease_expires_at = NULL,
        lease_epoch = lease_epoch + 1, last_seq = last_seq + 1, finished_at = now()
       WHERE id = $1 AND tenant_id = $2 AND ${GUARDS[guard]} 
       RETURNING ${ENDED_ROW}, last_seq AS "lastSeq"`,
      [run.id, run.tenantId, status, JSON.stringify(error)],
    );
    if (!rows[0]) return undefined;
    const { lastSeq, ...ended } = rows[0];
    await tx.query(
      `INSERT INTO run_events (run_id, seq, tenant_id, type, payload, at) VALUES ($1, $2, $3, $4, $5, now())`,
      [run.id, lastSeq, run.tenantId, `run.${status}`, JSON.stringify({ error })],
    );
    await tx.query(
      `UPDATE interrupts SET status = CASE WHEN expires_at < now() THEN 'expired' ELSE 'cancelled' END
       WHERE run_id = $1 AND tenant_id = $2 AND status = 'pending'`,
      [run.id, run.tenantId],
    );
    await tx.query(CLOSE_STEPS, [run.id, run.tenantId, JSON.stringify(error), JSON.stringify(UNKNOWN_OUTCOME)]);
    await this.threads.leave(tx, run);
    await tx.query(`SELECT pg_notify('guildhall_runs', $1)`, [run.id]);
    return { ...ended, status, error };
  }
}
