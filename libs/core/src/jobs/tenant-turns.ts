import type { EntityManager, QueryRunner } from 'typeorm';
import type { JobRequest } from '@guildhall/sdk';
import { JOB_SCHEMA } from './job-schema.js';

/** Turns between one priority of a job and the next. */
const TURNS = 1_000_000;
/** What the database's `integer` holds of them. */
const MOST_PRIORITY = 1_000;

/** By index: the first that waits in the line, and the last of the tenant. */
const LINE = `
  SELECT
    (SELECT max(priority) FROM ${JOB_SCHEMA}.job
     WHERE name = $1 AND state < 'active' AND NOT blocked AND start_after <= now()
       AND priority <= $3 AND priority > $3 - ${TURNS}) AS first,
    (SELECT min(priority) FROM ${JOB_SCHEMA}.job
     WHERE name = $1 AND data->>'tenantId' = $2 AND state < 'active'
       AND priority <= $3 AND priority > $3 - ${TURNS}) AS last`;

/** A turn that a transaction took which others do not see yet. */
interface Taken {
  readonly turn: number;
  readonly by: QueryRunner;
}

/**
 * Lets tenants take turns in a queue, however much each of them has waiting. A job's turn is one after its tenant's last
 * that waits, but never before the turn that is due: who comes new waits for one job of each other tenant, and gains
 * nothing over those who have waited for long (start-time fair queueing). What pg-boss orders by, the priority, falls
 * with the turn.
 */
export class TenantTurns {
  private readonly taken = new Map<string, readonly Taken[]>();

  /** The priority that pg-boss is to have for the job: enqueue it in the same transaction. */
  async next(tx: EntityManager, tenantId: string, { queue, priority = 0 }: JobRequest): Promise<number> {
    const base = Math.max(-MOST_PRIORITY, Math.min(Math.trunc(priority), MOST_PRIORITY)) * TURNS;
    const [{ first, last }] = await tx.query<[{ first: number | null; last: number | null }]>(LINE, [
      queue,
      tenantId,
      base,
    ]);
    const due = first === null ? 0 : base - first;
    const own = last === null ? 0 : base - last + 1;
    // Between here and there nothing is awaited: two requests at once do not take one turn.
    const line = JSON.stringify([queue, tenantId, base]);
    const open = (this.taken.get(line) ?? []).filter(({ by }) => !by.isReleased);
    const turn = Math.min(Math.max(due, own, ...open.map((taken) => taken.turn + 1)), TURNS - 1);
    this.forgetEnded();
    this.taken.set(line, [...open, { turn, by: tx.queryRunner! }]);
    return base - turn;
  }

  private forgetEnded(): void {
    for (const [line, taken] of this.taken) if (taken.every(({ by }) => by.isReleased)) this.taken.delete(line);
  }
}
