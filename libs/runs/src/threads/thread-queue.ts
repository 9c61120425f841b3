import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

interface ThreadOfRun {
  readonly id: string;
  readonly tenantId: string;
  readonly threadId: string;
}

/**
 * One writer at a time: a thread's row names the run that is active, the others queue. The row is locked before the
 * runs are, everywhere but at a run's end, and in each statement anew: a statement sees nothing that was committed
 * while it waited for its lock.
 */
@Injectable()
export class ThreadQueue {
  /** False when the thread is gone. */
  async lock(tx: EntityManager, { tenantId, threadId }: Omit<ThreadOfRun, 'id'>): Promise<boolean> {
    const rows = await tx.query<unknown[]>('SELECT 1 FROM threads WHERE id = $1 AND tenant_id = $2 FOR UPDATE', [
      threadId,
      tenantId,
    ]);
    return rows.length > 0;
  }

  /** Lets a run in again; true when it is the active one and need not queue. The thread must be locked. */
  async enter(tx: EntityManager, { id, tenantId, threadId }: ThreadOfRun): Promise<boolean> {
    const [rows] = await tx.query<[{ entered: boolean }[]]>(
      `UPDATE threads SET
        active_run_id = CASE WHEN active_run_id IS NULL AND backlog = 0 THEN $1 ELSE active_run_id END,
        backlog = backlog + CASE WHEN active_run_id IS NULL AND backlog = 0 THEN 0 ELSE 1 END, updated_at = now()
       WHERE id = $2 AND tenant_id = $3 RETURNING active_run_id = $1 AS entered`,
      [id, threadId, tenantId],
    );
    return rows[0]?.entered ?? false;
  }

  /** The run is over: the next one's turn. The thread must be locked. */
  async leave(tx: EntityManager, { id, tenantId, threadId }: ThreadOfRun): Promise<void> {
    await tx.query('UPDATE threads SET active_run_id = NULL WHERE id = $1 AND tenant_id = $2 AND active_run_id = $3', [
      threadId,
      tenantId,
      id,
    ]);
    await this.promote(tx, { tenantId, threadId });
  }

  /** Makes the first that queues the active run, if the thread is free, and counts the rest. */
  async promote(tx: EntityManager, { tenantId, threadId }: Omit<ThreadOfRun, 'id'>): Promise<void> {
    if (!(await this.lock(tx, { tenantId, threadId }))) return;
    const queued = await tx.query<{ id: string }[]>(
      `SELECT id FROM runs WHERE thread_id = $1 AND tenant_id = $2 AND status = 'queued' AND NOT ready ORDER BY turn`,
      [threadId, tenantId],
    );
    const [freed] = await tx.query<[unknown[]]>(
      `UPDATE threads SET active_run_id = $3, backlog = $4 WHERE id = $1 AND tenant_id = $2 AND active_run_id IS NULL RETURNING 1`,
      [threadId, tenantId, queued[0]?.id ?? null, Math.max(queued.length - 1, 0)],
    );
    if (freed.length === 0) {
      await tx.query('UPDATE threads SET backlog = $3 WHERE id = $1 AND tenant_id = $2', [
        threadId,
        tenantId,
        queued.length,
      ]);
    } else if (queued[0]) {
      await tx.query('UPDATE runs SET ready = true WHERE id = $1 AND tenant_id = $2', [queued[0].id, tenantId]);
      await tx.query(`SELECT pg_notify('guildhall_runs', 'work')`);
    }
  }

  /** Free threads with a backlog: whoever should have promoted died in between. */
  stalled(tx: EntityManager): Promise<{ threadId: string; tenantId: string }[]> {
    return tx.query(
      'SELECT id AS "threadId", tenant_id AS "tenantId" FROM threads WHERE active_run_id IS NULL AND backlog > 0 LIMIT 100',
    );
  }
}
