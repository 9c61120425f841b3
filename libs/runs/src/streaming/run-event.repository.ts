import { Injectable } from '@nestjs/common';
import { Database, ListedRows } from '@guildhall/core';
import { AppError, NotFoundError, type RequestContext } from '@guildhall/sdk';
import type { RunEvent } from '../run-event.js';
import type { RunStatus } from '../run.js';

export interface RunPosition {
  readonly threadId: string;
  readonly status: RunStatus;
  readonly lastSeq: number;
  /** Events up to this one are gone: they were removed before the run was retried. */
  readonly prunedSeq: number;
}

/** How long events can be read after a run has ended. */
export const RETENTION_HOURS = 24;

const expired = (message: string): AppError => new AppError('not_found', 'events_expired', message);

const POSITION = `SELECT thread_id AS "threadId", status, last_seq AS "lastSeq", pruned_seq AS "prunedSeq",
  coalesce(finished_at < now() - interval '${RETENTION_HOURS} hours', false) AS expired
  FROM runs WHERE id = $1 AND tenant_id = $2`;

const EVENTS = `SELECT seq, type, payload, at FROM run_events
  WHERE run_id = $1 AND tenant_id = $2 AND seq > $3 ORDER BY seq`;

const GROWN = `SELECT r.id, r.last_seq AS "lastSeq"
  FROM unnest($1::text[], $2::text[], $3::integer[]) AS known (id, tenant_id, seen)
  JOIN runs r ON r.id = known.id AND r.tenant_id = known.tenant_id WHERE r.last_seq > known.seen`;

type StoredEvent = Omit<RunEvent, 'at' | 'runId' | 'threadId'> & { readonly at: Date };

export interface EventBounds {
  readonly limit: number;
  readonly maxBytes?: number;
}

/** As far as a reader has come. */
export interface Place {
  readonly tenantId: string;
  readonly runId: string;
  readonly seen: number;
}

/** Reads the events of runs: those that are committed, and no others exist. */
@Injectable()
export class RunEventRepository {
  constructor(private readonly database: Database) {}

  /** Throws `run_not_found`, and `events_expired` when its events are no longer kept. */
  async position(ctx: RequestContext, runId: string): Promise<RunPosition> {
    const query = { name: 'run_position', text: POSITION, values: [runId, ctx.tenantId] };
    const [row] = (await this.database.pool.query<RunPosition & { expired: boolean }>(query)).rows;
    if (!row) throw new NotFoundError('run', runId);
    if (row.expired) {
      throw expired(
        `The events of run '${runId}' were kept for ${RETENTION_HOURS} hours after its end; its result is at /api/v1/runs/${runId}`,
      );
    }
    return row;
  }

  /**
   * Where to read on from. Whoever names no place begins with the first event that is kept; whoever was further back
   * than that would miss some, and is told so.
   */
  async startOf(
    ctx: RequestContext,
    runId: string,
    after: number | undefined,
  ): Promise<RunPosition & { after: number }> {
    const position = await this.position(ctx, runId);
    const { prunedSeq } = position;
    if (after !== undefined && after < prunedSeq) {
      throw expired(
        `The events of run '${runId}' up to ${prunedSeq} are no longer kept: read on with ?after=${prunedSeq}; its result is at /api/v1/runs/${runId}`,
      );
    }
    return { ...position, after: after ?? prunedSeq };
  }

  async after(
    ctx: RequestContext,
    { runId, threadId }: Pick<RunEvent, 'runId' | 'threadId'>,
    after: number,
    bounds: EventBounds,
  ): Promise<ListedRows<RunEvent>> {
    // Prepared, for every stream asks it again and again.
    const query = (text: string, values: unknown[]) => this.database.pool.query({ name: 'run_events', text, values });
    const rows = await ListedRows.read<StoredEvent>({ query }, EVENTS, [runId, ctx.tenantId, after], bounds);
    return rows.map(({ seq, type, payload, at }) => ({ seq, type, runId, threadId, at: at.toISOString(), payload }));
  }

  /** Those of the runs that have more than was seen, with the number of their last event; a statement for all. */
  async grown(places: Iterable<Place>): Promise<Map<string, number>> {
    const all = [...places];
    const values = [all.map(({ runId }) => runId), all.map(({ tenantId }) => tenantId), all.map(({ seen }) => seen)];
    const query = { name: 'runs_grown', text: GROWN, values };
    const { rows } = await this.database.pool.query<{ id: string; lastSeq: number }>(query);
    return new Map(rows.map(({ id, lastSeq }) => [id, lastSeq]));
  }
}
