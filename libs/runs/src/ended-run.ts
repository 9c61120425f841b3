import type { TokenUsage } from '@guildhall/sdk';
import type { RunOrigin, StoredError, TerminalStatus } from './run.js';

/** What there is to tell of a run that is over; nothing of what was said in it. */
export interface EndedRun {
  readonly id: string;
  readonly tenantId: string;
  readonly threadId: string;
  readonly agentId: string;
  readonly agentVersion: number;
  readonly origin: RunOrigin;
  readonly status: TerminalStatus;
  readonly error?: StoredError;
  readonly usage: TokenUsage;
  /** Absent where it ended before its record was read. */
  readonly steps?: number;
  /** Null: it ended before anybody worked on it. */
  readonly startedAt: Date | null;
  readonly finishedAt: Date;
}

/** Of a row as it was stored; how it ended is known by whoever ended it. */
export type EndedRow = Omit<EndedRun, 'status' | 'error'>;

export const USAGE = `jsonb_strip_nulls(jsonb_build_object('inputTokens', input_tokens, 'outputTokens', output_tokens,
  'cachedTokens', cached_tokens, 'reasoningTokens', reasoning_tokens, 'costMicroUsd', cost_micro_usd))`;

/** The columns of `EndedRow`, of runs `r`. */
export const ENDED_ROW = `r.id, r.tenant_id AS "tenantId", r.thread_id AS "threadId", r.agent_id AS "agentId",
  r.agent_version AS "agentVersion", r.origin, ${USAGE} AS usage, r.started_at AS "startedAt",
  coalesce(r.finished_at, now()) AS "finishedAt", (SELECT count(*)::int FROM run_steps s
    WHERE s.run_id = r.id AND s.tenant_id = r.tenant_id AND s.status <> 'superseded') AS steps`;
