import { Injectable } from '@nestjs/common';
import { Database, type Keyset } from '@guildhall/core';
import { NotFoundError, type RequestContext, type TokenUsage } from '@guildhall/sdk';
import type { StepKind, StepStatus } from './commit/run-progress.statement.js';
import type { Run, RunStatus, StoredError } from './run.js';

export interface RunStep {
  readonly id: string;
  readonly kind: StepKind;
  readonly name: string;
  readonly status: StepStatus;
  readonly attempt: number;
  readonly input: unknown;
  readonly output: unknown;
  readonly error: StoredError | null;
  readonly usage: TokenUsage | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

export interface ModelUsage extends TokenUsage {
  readonly provider: string;
  readonly model: string;
  readonly calls: number;
}

export interface RunFilter {
  readonly status?: RunStatus;
  readonly agentId?: string;
  readonly threadId?: string;
}

const RUN = `id, tenant_id AS "tenantId", thread_id AS "threadId", agent_id AS "agentId", agent_version AS "agentVersion",
  status, input, output, error, attempts, metadata, created_at AS "createdAt", started_at AS "startedAt",
  finished_at AS "finishedAt", jsonb_build_object('inputTokens', input_tokens, 'outputTokens', output_tokens,
  'cachedTokens', cached_tokens, 'costMicroUsd', cost_micro_usd) AS usage`;

const STEPS = `SELECT id, kind, name, status, attempt, input, output, error, usage, started_at AS "startedAt",
  finished_at AS "finishedAt" FROM run_steps WHERE run_id = $1 AND tenant_id = $2
  ORDER BY started_at, string_to_array(regexp_replace(key, '/.*', ''), '.')::int[]`;

const USAGE_BY_MODEL = `SELECT output ->> 'provider' AS provider, output ->> 'model' AS model, count(*)::int AS calls,
  sum((usage ->> 'inputTokens')::bigint)::float8 AS "inputTokens",
  sum((usage ->> 'outputTokens')::bigint)::float8 AS "outputTokens",
  sum((usage ->> 'cachedTokens')::bigint)::float8 AS "cachedTokens",
  sum((usage ->> 'costMicroUsd')::bigint)::float8 AS "costMicroUsd"
  FROM run_steps WHERE run_id = $1 AND tenant_id = $2 AND kind = 'model' AND usage IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`;

/** Reads runs and their steps. They are written by the engine's statements. */
@Injectable()
export class RunRepository {
  constructor(private readonly database: Database) {}

  async find(ctx: RequestContext, id: string): Promise<Run | undefined> {
    const text = `SELECT ${RUN} FROM runs WHERE id = $1 AND tenant_id = $2`;
    return (await this.database.pool.query<Run>({ name: 'run_find', text, values: [id, ctx.tenantId] })).rows[0];
  }

  async get(ctx: RequestContext, id: string): Promise<Run> {
    const run = await this.find(ctx, id);
    if (!run) throw new NotFoundError('run', id);
    return run;
  }

  /** The run that an earlier attempt of the same request started; keys are good for 24 h. */
  async findByRequestKey(ctx: RequestContext, key: string): Promise<Run | undefined> {
    const text = `SELECT ${RUN} FROM runs WHERE tenant_id = $1 AND request_key = $2
      AND created_at > now() - interval '24 hours' ORDER BY id DESC LIMIT 1`;
    return (await this.database.pool.query<Run>({ name: 'run_of_request', text, values: [ctx.tenantId, key] })).rows[0];
  }

  /** Newest first, one more than asked for. */
  async list(ctx: RequestContext, filter: RunFilter, { limit, before }: Keyset): Promise<Run[]> {
    const { where, values } = conditions(ctx, filter);
    if (before !== undefined) where.push(`id < $${values.push(before)}`);
    const text = `SELECT ${RUN} FROM runs WHERE ${where.join(' AND ')} ORDER BY id DESC LIMIT $${values.push(limit + 1)}`;
    return (await this.database.pool.query<Run>(text, values)).rows;
  }

  async count(ctx: RequestContext, filter: RunFilter): Promise<number> {
    const { where, values } = conditions(ctx, filter);
    const text = `SELECT count(*)::int AS total FROM runs WHERE ${where.join(' AND ')}`;
    return (await this.database.pool.query<{ total: number }>(text, values)).rows[0]!.total;
  }

  async steps(ctx: RequestContext, runId: string): Promise<RunStep[]> {
    return (await this.database.pool.query<RunStep>(STEPS, [runId, ctx.tenantId])).rows;
  }

  async usageByModel(ctx: RequestContext, runId: string): Promise<ModelUsage[]> {
    return (await this.database.pool.query<ModelUsage>(USAGE_BY_MODEL, [runId, ctx.tenantId])).rows;
  }
}

function conditions(ctx: RequestContext, { status, agentId, threadId }: RunFilter) {
  const where = ['tenant_id = $1'];
  const values: unknown[] = [ctx.tenantId];
  if (status !== undefined) where.push(`status = $${values.push(status)}`);
  if (agentId !== undefined) where.push(`agent_id = $${values.push(agentId)}`);
  if (threadId !== undefined) where.push(`thread_id = $${values.push(threadId)}`);
  return { where, values };
}
