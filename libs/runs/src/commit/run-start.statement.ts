import type { RunInput } from '@guildhall/sdk';
import type { RunOrigin, RunUserContext } from '../run.js';

/** A run to be: one row of the statement's input, named as its columns. */
export interface RunStart {
  readonly run_id: string;
  readonly tenant_id: string;
  readonly thread_id: string;
  /** The thread is made with the run; otherwise it must exist. */
  readonly new_thread: boolean;
  readonly agent_id: string;
  readonly agent_version: number;
  /** On a thread where another run is active: queue behind it, or store nothing. */
  readonly on_busy: 'enqueue' | 'reject';
  readonly message_id: string;
  readonly text: string;
  readonly parts: readonly unknown[] | null;
  readonly input: RunInput;
  readonly context: RunUserContext;
  readonly metadata: Record<string, unknown>;
  readonly origin: RunOrigin;
  /** The caller's idempotency key. */
  readonly request_key: string | null;
  readonly streamed: boolean;
  /** The engine that executes it at once if the thread is free; null: a worker claims it. */
  readonly lease_owner: string | null;
  /** Always 1. Lets the planner expect one row, and so an index lookup for each, however small the tables are now. */
  readonly v: 1;
}

export interface RunStarted {
  readonly run_id: string;
  readonly outcome: 'running' | 'queued' | 'busy' | 'no_thread';
  readonly turn: string | null;
  readonly created_at: Date | null;
  /** As stored: a run for nobody in particular is for its thread's user. */
  readonly context: RunUserContext | null;
}

/**
 * Starts any number of runs: thread, message, run, events and lease of each, or nothing of it. `$1` is a JSON array of
 * `RunStart`, `$2` the lease in ms. The thread's row decides who may run: locked in one order, read at its latest.
 */
export const START_RUNS = `
WITH input AS MATERIALIZED (
  SELECT i.*, nextval('thread_turns') AS turn
  FROM json_to_recordset($1::json) AS i(run_id text, tenant_id text, thread_id text, new_thread boolean, agent_id text,
    agent_version integer, on_busy text, message_id text, text text, parts jsonb, input jsonb, context jsonb,
    metadata jsonb, origin jsonb, request_key text, streamed boolean, lease_owner text, v integer)
  WHERE i.v = 1
), created_threads AS (
  INSERT INTO threads (id, tenant_id, user_id, active_run_id)
  SELECT thread_id, tenant_id, context ->> 'userId', run_id FROM input WHERE new_thread
), locked_threads AS MATERIALIZED (
  SELECT t.id FROM input i JOIN threads t ON t.id = i.thread_id AND t.tenant_id = i.tenant_id
  WHERE NOT i.new_thread ORDER BY t.id FOR UPDATE OF t
), entered_threads AS (
  UPDATE threads t SET
    active_run_id = CASE WHEN t.active_run_id IS NULL AND t.backlog = 0 THEN i.run_id ELSE t.active_run_id END,
    backlog = t.backlog + CASE WHEN t.active_run_id IS NULL AND t.backlog = 0 THEN 0 ELSE 1 END,
    updated_at = now()
  FROM input i JOIN locked_threads l ON l.id = i.thread_id
  WHERE t.id = i.thread_id
    AND (i.on_busy = 'enqueue' OR (t.active_run_id IS NULL AND t.backlog = 0))
  RETURNING t.id, t.active_run_id, t.user_id
), accepted AS MATERIALIZED (
  SELECT i.*, true AS ready, NULL::text AS thread_user FROM input i WHERE i.new_thread
  UNION ALL
  SELECT i.*, e.active_run_id IS NOT DISTINCT FROM i.run_id, e.user_id
  FROM input i JOIN entered_threads e ON e.id = i.thread_id
), said AS (
  INSERT INTO messages (id, tenant_id, thread_id, turn, place, run_id, role, text, parts)
  SELECT message_id, tenant_id, thread_id, turn, 0, run_id, 'user', text, parts FROM accepted
), created_runs AS (
  INSERT INTO runs (id, tenant_id, thread_id, agent_id, agent_version, status, ready, turn, input, context, metadata,
    origin, request_key, streamed, attempts, last_seq, lease_owner, lease_epoch, lease_expires_at, started_at)
  SELECT run_id, tenant_id, thread_id, agent_id, agent_version,
    CASE WHEN ready AND lease_owner IS NOT NULL THEN 'running' ELSE 'queued' END, ready, turn, input,
    jsonb_strip_nulls(jsonb_build_object('userId', thread_user)) || context, metadata, origin, request_key, streamed,
    CASE WHEN ready AND lease_owner IS NOT NULL THEN 1 ELSE 0 END,
    CASE WHEN ready AND lease_owner IS NOT NULL THEN 2 ELSE 1 END,
    CASE WHEN ready THEN lease_owner END,
    CASE WHEN ready AND lease_owner IS NOT NULL THEN 1 ELSE 0 END,
    CASE WHEN ready AND lease_owner IS NOT NULL THEN now() + $2 * interval '1 ms' END,
    CASE WHEN ready AND lease_owner IS NOT NULL THEN now() END
  FROM accepted
  RETURNING id, status, turn, created_at, context
), told AS (
  INSERT INTO run_events (run_id, seq, tenant_id, type, payload, at)
  SELECT run_id, 1, tenant_id, 'run.created',
    jsonb_build_object('agentId', agent_id, 'agentVersion', agent_version), now() FROM accepted
  UNION ALL
  SELECT run_id, 2, tenant_id, 'run.started', '{"attempt": 1}', now() FROM accepted
  WHERE ready AND lease_owner IS NOT NULL
), woken AS MATERIALIZED (
  SELECT pg_notify('guildhall_runs', 'work') FROM accepted WHERE ready AND lease_owner IS NULL LIMIT 1
)
SELECT i.run_id, r.turn, r.created_at, r.context, (SELECT count(*) FROM woken) AS woken,
  CASE WHEN r.id IS NOT NULL THEN r.status WHEN l.id IS NOT NULL THEN 'busy' ELSE 'no_thread' END AS outcome
FROM input i LEFT JOIN created_runs r ON r.id = i.run_id LEFT JOIN locked_threads l ON l.id = i.thread_id`;
