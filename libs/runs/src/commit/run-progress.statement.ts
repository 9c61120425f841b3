import { addedUp } from '@guildhall/core';
import type { Answer, Answerer, InterruptKind, TokenUsage, ToolCall } from '@guildhall/sdk';
import type { StepUsage } from '../engine/step-usage.js';
import type { RunEventType } from '../run-event.js';
import type { RunStatus, StoredError } from '../run.js';

export const STEP_KINDS = ['model', 'tool', 'worker', 'retrieval', 'interrupt'] as const;
export type StepKind = (typeof STEP_KINDS)[number];
export const STEP_STATUSES = ['running', 'succeeded', 'failed', 'superseded'] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

export interface StepWrite {
  readonly key: string;
  readonly id: string;
  readonly kind: StepKind;
  readonly name: string;
  readonly status: StepStatus;
  readonly attempt: number;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly error?: StoredError;
  readonly usage?: StepUsage;
  readonly started_at: string;
  readonly finished_at?: string;
}

interface EventWrite {
  readonly type: RunEventType;
  readonly payload: object;
  readonly at: string;
}

export interface InterruptWrite {
  readonly id: string;
  readonly key: string;
  readonly kind: InterruptKind;
  readonly prompt: string;
  readonly tool_call?: ToolCall;
  readonly response_schema: object;
  readonly answer_by: Answerer;
  readonly expires_in_ms: number;
}

/** What the engine has to say of one run since it last wrote: one row of the statement's input, named as its columns. */
export interface RunProgress {
  readonly run_id: string;
  readonly epoch: number;
  /** One more than that of the run's write before, under the same epoch. */
  readonly revision: number;
  /** `running`: it goes on. `queued`: handed back. Any other lets the run rest or end. */
  readonly status: RunStatus;
  readonly steps: readonly StepWrite[];
  readonly events: readonly EventWrite[];
  readonly interrupts: readonly InterruptWrite[];
  /** Spent since the last write. */
  readonly spent: TokenUsage;
  readonly active_ms: number;
  /** A step was finished, so whatever happens next is no repetition of an earlier crash. */
  readonly progressed: boolean;
  /** How many answers this attempt knows of: if there are more, the run does not wait but goes on. */
  readonly answers: number;
  readonly output: Answer | null;
  readonly error: StoredError | null;
  readonly message: { readonly id: string; readonly text: string } | null;
  /** Tell other processes that there are events. */
  readonly notify: boolean;
}

export interface ProgressWritten {
  readonly run_id: string;
  /** `repeated`: an earlier try had been committed after all. `lost`: another engine holds the run, or it is gone. */
  readonly outcome: 'written' | 'repeated' | 'lost';
  readonly status: RunStatus;
  readonly last_seq: number;
  readonly cancel_requested: boolean;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  /** Runs that queue for the thread that this run has just left. */
  readonly backlog: number;
}

const TERMINAL = `('succeeded', 'failed', 'cancelled')`;

/**
 * Records the progress of any number of runs, each guarded by its lease's epoch. `$1` is a JSON array of `RunProgress`
 * (`spent` flattened, `v` 1), `$2` the lease in ms, of which every write leaves two thirds at
 * least: were it all, a worker that dies at work would be found later than one that dies idle. Event numbers come from the run's row.
 */
export const RECORD_PROGRESS = `
WITH input AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS i(run_id text, epoch integer, revision integer, status text, steps json,
    events json, interrupts json, event_count integer, input_tokens bigint, output_tokens bigint, cached_tokens bigint,
    reasoning_tokens bigint, cost_micro_usd bigint, active_ms bigint, progressed boolean, answers integer, output jsonb, error jsonb,
    message_id text, message_text text, notify boolean, v integer)
  WHERE i.v = 1
), held AS (
  UPDATE runs r SET
    status = CASE WHEN i.status IN ('waiting', 'needs_attention') AND r.answers > i.answers THEN 'queued' ELSE i.status END,
    revision = i.revision,
    last_seq = r.last_seq + i.event_count,
    crashes = CASE WHEN i.progressed THEN 0 ELSE r.crashes END,
    input_tokens = ${addedUp('r.input_tokens', 'i.input_tokens')},
    output_tokens = ${addedUp('r.output_tokens', 'i.output_tokens')},
    cached_tokens = ${addedUp('r.cached_tokens', 'i.cached_tokens')},
    reasoning_tokens = CASE WHEN i.reasoning_tokens IS NULL THEN r.reasoning_tokens
      ELSE ${addedUp('coalesce(r.reasoning_tokens, 0)', 'i.reasoning_tokens')} END,
    cost_micro_usd = ${addedUp('r.cost_micro_usd', 'i.cost_micro_usd')},
    active_ms = ${addedUp('r.active_ms', 'i.active_ms')},
    output = i.output,
    error = i.error,
    lease_owner = CASE WHEN i.status = 'running' THEN r.lease_owner END,
    lease_expires_at = CASE WHEN i.status = 'running'
      THEN greatest(r.lease_expires_at, now() + $2 * interval '1 ms' * 2 / 3) END,
    finished_at = CASE WHEN i.status IN ${TERMINAL} THEN now() END
  FROM input i
  WHERE r.id = i.run_id AND r.status = 'running' AND r.lease_epoch = i.epoch AND r.revision = i.revision - 1
  RETURNING r.id, r.tenant_id, r.thread_id, r.turn, r.status, r.last_seq, r.started_at, r.finished_at,
    r.cancel_requested_at IS NOT NULL AS cancel_requested
), stepped AS (
  INSERT INTO run_steps AS s (run_id, key, tenant_id, id, kind, name, status, attempt, input, output, error, usage, started_at, finished_at)
  SELECT h.id, n.key, h.tenant_id, n.id, n.kind, n.name, n.status, n.attempt, n.input, n.output, n.error, n.usage, n.started_at, n.finished_at
  FROM held h JOIN input i ON i.run_id = h.id
  CROSS JOIN LATERAL json_to_recordset(i.steps) AS n(key text, id text, kind text, name text, status text, attempt integer,
    input jsonb, output jsonb, error jsonb, usage jsonb, started_at timestamptz, finished_at timestamptz)
  ON CONFLICT (run_id, key) DO UPDATE SET kind = excluded.kind, name = excluded.name, status = excluded.status, attempt = excluded.attempt, input = excluded.input,
    output = excluded.output, error = excluded.error, usage = excluded.usage, started_at = excluded.started_at,
    finished_at = excluded.finished_at
), told AS (
  INSERT INTO run_events (run_id, seq, tenant_id, type, payload, at)
  SELECT h.id, h.last_seq - i.event_count + n.place, h.tenant_id, n.type, n.payload, n.at
  FROM held h JOIN input i ON i.run_id = h.id
  CROSS JOIN LATERAL ROWS FROM (json_to_recordset(i.events) AS (type text, payload jsonb, at timestamptz))
    WITH ORDINALITY AS n(type, payload, at, place)
), asked AS (
  INSERT INTO interrupts (id, tenant_id, run_id, key, kind, prompt, tool_call, response_schema, answer_by, status,
    expires_at)
  SELECT n.id, h.tenant_id, h.id, n.key, n.kind, n.prompt, n.tool_call, n.response_schema, n.answer_by,
    'pending', now() + n.expires_in_ms * interval '1 ms'
  FROM held h JOIN input i ON i.run_id = h.id
  CROSS JOIN LATERAL json_to_recordset(i.interrupts) AS n(id text, key text, kind text, prompt text, tool_call jsonb,
    response_schema jsonb, answer_by text, expires_in_ms bigint)
  WHERE h.status NOT IN ${TERMINAL}
), closed AS (
  UPDATE interrupts q SET status = 'cancelled' FROM held h
  WHERE h.status IN ${TERMINAL} AND q.run_id = h.id AND q.status = 'pending'
), said AS (
  INSERT INTO messages (id, tenant_id, thread_id, turn, place, run_id, role, text)
  SELECT i.message_id, h.tenant_id, h.thread_id, h.turn, 1, h.id, 'assistant', i.message_text
  FROM held h JOIN input i ON i.run_id = h.id WHERE i.message_id IS NOT NULL
), left_threads AS (
  UPDATE threads t SET active_run_id = NULL, updated_at = now()
  FROM held h WHERE h.status IN ${TERMINAL} AND t.id = h.thread_id AND t.active_run_id = h.id
  RETURNING h.id AS run_id, t.backlog
)
SELECT i.run_id, h.status, h.last_seq, h.started_at, h.finished_at, coalesce(l.backlog, 0) AS backlog,
  coalesce(h.cancel_requested, false) AS cancel_requested,
  CASE WHEN h.id IS NOT NULL THEN 'written'
    WHEN EXISTS (SELECT FROM runs r WHERE r.id = i.run_id AND r.lease_epoch = i.epoch AND r.revision = i.revision) THEN 'repeated'
    ELSE 'lost' END AS outcome,
  CASE WHEN h.id IS NOT NULL AND i.notify THEN pg_notify('guildhall_runs', i.run_id) END AS told,
  CASE WHEN h.status = 'queued' THEN pg_notify('guildhall_runs', 'work') END AS woken
FROM input i LEFT JOIN held h ON h.id = i.run_id LEFT JOIN left_threads l ON l.run_id = i.run_id`;
