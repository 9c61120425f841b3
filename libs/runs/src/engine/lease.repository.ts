import { Inject, Injectable } from '@nestjs/common';
import { Database, Settings } from '@guildhall/core';
import type { RunInput } from '@guildhall/sdk';
import type { RunOrigin, RunUserContext } from '../run.js';
import type { ClaimedRun } from './claimed-run.js';

interface ClaimedRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly thread_id: string;
  readonly agent_id: string;
  readonly agent_version: number;
  readonly lease_epoch: number;
  readonly turn: string;
  readonly input: RunInput;
  readonly context: RunUserContext;
  readonly metadata: Record<string, unknown>;
  readonly origin: RunOrigin;
  readonly streamed: boolean;
  readonly attempts: number;
  readonly crashes: number;
  readonly active_ms: string;
  readonly input_tokens: string;
  readonly output_tokens: string;
  readonly cached_tokens: string;
  readonly reasoning_tokens: string | null;
  readonly cost_micro_usd: string;
  readonly answers: number;
  readonly last_seq: number;
  readonly started_at: Date;
  readonly considered: string;
  readonly reached: string;
}

/** A run whose engine died this often, each time before it finished another step, is not tried again. */
export const MAX_CRASHES = 3;
/** It has one try left, and that one should show whether it is itself what kills its workers. */
const SUSPECT = `crashes >= ${MAX_CRASHES - 1}`;

/** Tenants that one claim looks at; the next claim goes on behind the last of them. */
const TENANTS = 200;

/**
 * The oldest run of every tenant, then the second of each, and so on: ten thousand runs of one tenant keep no other
 * waiting. Goes from tenant to tenant by the index, never through the queue, and looks at no more runs than about twice
 * as many as it may take. `$4`: tenants that must wait; `$5`: the tenant to begin behind. Unnamed, because a plan that is
 * kept from when the queue was empty takes seconds when it is full. Of suspects only one, where `$6` asks for it: taken
 * together, the one that kills would drag the others down with it a third time.
 */
const CLAIM = `
WITH RECURSIVE tenants AS (
  (SELECT tenant_id FROM runs WHERE status = 'queued' AND ready AND tenant_id > $5 ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT r.tenant_id FROM runs r WHERE r.status = 'queued' AND r.ready AND r.tenant_id > t.tenant_id
    ORDER BY r.tenant_id LIMIT 1)
  FROM tenants t WHERE t.tenant_id IS NOT NULL
), considered AS MATERIALIZED (
  SELECT tenant_id FROM tenants WHERE tenant_id IS NOT NULL LIMIT ${TENANTS}
), admitted AS MATERIALIZED (
  SELECT tenant_id FROM considered WHERE tenant_id <> ALL ($4::text[])
), candidates AS MATERIALIZED (
  SELECT c.id FROM admitted a CROSS JOIN LATERAL (
    SELECT r.id, r.turn, row_number() OVER (ORDER BY r.turn) AS place
    FROM runs r WHERE r.status = 'queued' AND r.ready AND r.tenant_id = a.tenant_id AND NOT ${SUSPECT}
    ORDER BY r.turn LIMIT (SELECT ceil($2::numeric / count(*)) FROM admitted)
  ) c ORDER BY c.place, c.turn LIMIT $2
), locked AS MATERIALIZED (
  SELECT q.id FROM candidates c CROSS JOIN LATERAL (
    SELECT r.id FROM runs r WHERE r.id = c.id AND r.status = 'queued' AND r.ready FOR UPDATE SKIP LOCKED
  ) q
), suspect AS MATERIALIZED (
  SELECT id FROM runs WHERE $6 AND status = 'queued' AND ready AND ${SUSPECT} ORDER BY turn LIMIT 1
  FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE runs r SET status = 'running', lease_owner = $1, lease_epoch = r.lease_epoch + 1, revision = 0,
    lease_expires_at = now() + $3 * interval '1 ms', attempts = greatest(r.attempts, 1),
    started_at = coalesce(r.started_at, now()), finished_at = NULL, last_seq = r.last_seq + 1, error = NULL
  WHERE r.id = ANY (ARRAY(SELECT id FROM locked UNION ALL SELECT id FROM suspect)) RETURNING r.*
), told AS (
  INSERT INTO run_events (run_id, seq, tenant_id, type, payload, at)
  SELECT id, last_seq, tenant_id, CASE WHEN last_seq = 2 THEN 'run.started' ELSE 'run.resumed' END,
    CASE WHEN last_seq = 2 THEN jsonb_build_object('attempt', attempts)
      ELSE jsonb_build_object('attempt', attempts, 'agentVersion', agent_version) END, now() FROM claimed
)
SELECT claimed.*, (SELECT count(*) FROM considered) AS considered, (SELECT max(tenant_id) FROM considered) AS reached
FROM claimed ORDER BY turn`;

/** How long a run was worked on, with the attempt that was cut off: from when it was claimed until its lease was over. */
const ACTIVE_MS = `r.active_ms + greatest(0, 1000 * extract(epoch FROM r.lease_expires_at - (
  SELECT max(at) FROM run_events e WHERE e.run_id = r.id AND e.type IN ('run.started', 'run.resumed'))))::bigint`;

/** A crash is counted when it is found, which is before the run is worked on again; the new epoch shuts the old owner out. */
const REQUEUE_EXPIRED = `
WITH expired AS (
  SELECT id FROM runs WHERE status = 'running' AND lease_expires_at < now() AND cancel_requested_at IS NULL
    AND NOT ${SUSPECT} ORDER BY lease_expires_at LIMIT 500 FOR UPDATE SKIP LOCKED
)
UPDATE runs r SET status = 'queued', ready = true, crashes = r.crashes + 1, attempts = r.attempts + 1,
  active_ms = ${ACTIVE_MS}, lease_owner = NULL, lease_expires_at = NULL, lease_epoch = r.lease_epoch + 1
FROM expired e WHERE r.id = e.id RETURNING r.id`;

/** Expired leases of runs that must not be worked on again: somebody cancelled them, or they crashed too often. */
const SELECT_DOOMED = `
SELECT id, tenant_id AS "tenantId", thread_id AS "threadId", agent_id AS "agentId", agent_version AS "agentVersion",
  cancel_requested_at IS NOT NULL AS cancelled, crashes, (${ACTIVE_MS})::float8 AS "activeMs"
FROM runs r WHERE status = 'running' AND lease_expires_at < now() AND (cancel_requested_at IS NOT NULL OR ${SUSPECT})
LIMIT 500`;

export interface DoomedRun {
  readonly id: string;
  readonly tenantId: string;
  readonly threadId: string;
  readonly agentId: string;
  readonly agentVersion: number;
  readonly cancelled: boolean;
  readonly crashes: number;
  readonly activeMs: number;
}

export interface ClaimTerms {
  /** Tenants that must wait. Default none. */
  readonly except?: readonly string[];
  /** Until the owner must have said something. Default: a whole lease. */
  readonly leaseMs?: number;
  /** Whether the owner has room for a run that may kill it. Default true. */
  readonly suspects?: boolean;
}

/** Who works on which run. All time is the database's: hosts may disagree about theirs. */
@Injectable()
export class LeaseRepository {
  /** The last tenant of a claim that could not look at all of them. */
  private behind = '';

  constructor(
    private readonly database: Database,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  /** Takes up to `limit` runs that wait for a worker, and one suspect beyond it. */
  async claim(owner: string, limit: number, terms: ClaimTerms = {}): Promise<ClaimedRun[]> {
    const { except = [], leaseMs = this.settings.RUN_LEASE_MS, suspects = true } = terms;
    const values = [owner, limit, leaseMs, except, this.behind, suspects];
    const askedAt = performance.now();
    const { rows } = await this.database.pool.query<ClaimedRow>(CLAIM, values);
    const skipped = this.behind !== '';
    this.behind = rows[0] && Number(rows[0].considered) === TENANTS ? rows[0].reached : '';
    // There was nothing behind that tenant, but perhaps before it.
    if (rows.length === 0 && skipped) return this.claim(owner, limit, terms);
    return rows.map((row) => toClaimedRun(row, askedAt));
  }

  /**
   * Renews the leases of those runs that the owner works on, and of no other: one that it let go of must be found. One
   * whose row is locked is left for the next time: waiting for it would cost the others their leases. Returns those that
   * somebody wants cancelled.
   */
  async renew(owner: string, runIds: readonly string[]): Promise<string[]> {
    const text = `UPDATE runs SET lease_expires_at = now() + $2 * interval '1 ms'
      WHERE id = ANY (ARRAY(SELECT id FROM runs WHERE lease_owner = $1 AND status = 'running' AND id = ANY ($3)
        FOR UPDATE SKIP LOCKED))
      RETURNING id, cancel_requested_at IS NOT NULL AS cancelled`;
    const values = [owner, this.settings.RUN_LEASE_MS, runIds];
    const { rows } = await this.database.pool.query<{ id: string; cancelled: boolean }>({
      name: 'run_renew',
      text,
      values,
    });
    return rows.filter(({ cancelled }) => cancelled).map(({ id }) => id);
  }

  async cancelRequests(owner: string): Promise<string[]> {
    const text = `SELECT id FROM runs WHERE lease_owner = $1 AND status = 'running' AND cancel_requested_at IS NOT NULL`;
    const { rows } = await this.database.pool.query<{ id: string }>({ name: 'run_cancels', text, values: [owner] });
    return rows.map(({ id }) => id);
  }

  /** Returns how many runs went back to the queue. */
  async requeueExpired(): Promise<number> {
    return (await this.database.pool.query(REQUEUE_EXPIRED)).rowCount ?? 0;
  }

  async doomed(): Promise<DoomedRun[]> {
    return (await this.database.pool.query<DoomedRun>(SELECT_DOOMED)).rows;
  }
}

function toClaimedRun(row: ClaimedRow, askedAt: number): ClaimedRun {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    threadId: row.thread_id,
    agentId: row.agent_id,
    agentVersion: row.agent_version,
    epoch: row.lease_epoch,
    askedAt,
    begun: Promise.resolve(row.started_at),
    turn: row.turn,
    input: row.input,
    context: row.context,
    metadata: row.metadata,
    origin: row.origin,
    streamed: row.streamed,
    attempts: row.attempts,
    activeMs: Number(row.active_ms),
    usage: {
      inputTokens: Number(row.input_tokens),
      outputTokens: Number(row.output_tokens),
      cachedTokens: Number(row.cached_tokens),
      ...(row.reasoning_tokens === null ? {} : { reasoningTokens: Number(row.reasoning_tokens) }),
      costMicroUsd: Number(row.cost_micro_usd),
    },
    answers: row.answers,
    lastSeq: row.last_seq,
    fresh: row.last_seq === 2,
    quiet: false,
    suspect: row.crashes >= MAX_CRASHES - 1,
  };
}
