import { Injectable } from '@nestjs/common';
import { Database, type Keyset, ListedRows, summed } from '@guildhall/core';
import { NotFoundError, type RequestContext, type TokenUsage } from '@guildhall/sdk';
import type { StepKind, StepStatus } from './commit/run-progress.statement.js';
import { USAGE } from './ended-run.js';
import type { StepUsage } from './engine/step-usage.js';
import type { Run, RunStatus, StoredError } from './run.js';

/** A recorded step without what went in and came out, which may be large. */
export interface StepOutline {
  readonly id: string;
  readonly kind: StepKind;
  readonly name: string;
  readonly status: StepStatus;
  readonly attempt: number;
  readonly error: StoredError | null;
  readonly usage: StepUsage | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

export interface StepContent {
  readonly id: string;
  readonly input: unknown;
  readonly output: unknown;
}

/** A step that readers were told of. Steps are written behind, so that the record holds it only when it has ended. */
export interface AnnouncedStep {
  readonly id: string;
  readonly kind: StepKind;
  readonly name: string;
  readonly attempt: number;
  readonly startedAt: Date;
}

export interface ModelUsage extends TokenUsage {
  readonly provider: string;
  readonly model: string;
  readonly calls: number;
}

type NullableReasoning = Omit<ModelUsage, 'reasoningTokens'> & { readonly reasoningTokens: number | null };

export interface RunFilter {
  readonly status?: RunStatus;
  readonly agentId?: string;
  readonly threadId?: string;
  /** Whom the run is for, as its caller says. */
  readonly userId?: string;
}

const RUN = `id, tenant_id AS "tenantId", thread_id AS "threadId", agent_id AS "agentId", agent_version AS "agentVersion",
  status, input, output, error, attempts, metadata, created_at AS "createdAt", started_at AS "startedAt",
  finished_at AS "finishedAt", ${USAGE} AS usage`;

const OF_REQUEST = `tenant_id = $1 AND request_key = $2 AND origin #>> '{actor,id}' = $3`;
const ofRequest = ({ tenantId, actor }: RequestContext, key: string) => [tenantId, key, actor.id];

const STEPS = `SELECT id, kind, name, status, attempt, error, usage, started_at AS "startedAt",
  finished_at AS "finishedAt" FROM run_steps WHERE run_id = $1 AND tenant_id = $2
  ORDER BY started_at, string_to_array(regexp_replace(key, '/.*', ''), '.')::int[]`;

const CONTENTS = `SELECT asked.id, s.input, s.output FROM unnest($3::text[]) WITH ORDINALITY AS asked (id, place)
  LEFT JOIN run_steps s ON s.id = asked.id AND s.run_id = $1 AND s.tenant_id = $2 ORDER BY asked.place`;

/** Told of and not recorded; a step that was cut off may be told of anew. */
const ANNOUNCED = `SELECT DISTINCT ON (e.payload ->> 'stepId') e.payload ->> 'stepId' AS id, e.payload ->> 'kind' AS kind,
  e.payload ->> 'name' AS name, (e.payload ->> 'attempt')::int AS attempt, e.at AS "startedAt" FROM run_events e
  WHERE e.run_id = $1 AND e.tenant_id = $2 AND e.type IN ('step.started', 'step.retried') AND NOT EXISTS (
    SELECT FROM run_steps s WHERE s.run_id = e.run_id AND s.tenant_id = e.tenant_id
    AND s.id = e.payload ->> 'stepId' AND s.attempt >= (e.payload ->> 'attempt')::int)
  ORDER BY e.payload ->> 'stepId', e.seq DESC`;

/** A step lists its attempts, unless there was only the one that its output tells of. */
const USAGE_BY_MODEL = `SELECT a.provider, a.model, count(*)::int AS calls,
  ${summed(`(a.usage ->> 'inputTokens')::numeric`)} AS "inputTokens",
  ${summed(`(a.usage ->> 'outputTokens')::numeric`)} AS "outputTokens",
  ${summed(`(a.usage ->> 'cachedTokens')::numeric`)} AS "cachedTokens",
  ${summed(`(a.usage ->> 'reasoningTokens')::numeric`)} AS "reasoningTokens",
  ${summed(`(a.usage ->> 'costMicroUsd')::numeric`)} AS "costMicroUsd"
  FROM run_steps s CROSS JOIN LATERAL (
    SELECT n.usage ->> 'provider' AS provider, n.usage ->> 'model' AS model, n.usage
    FROM jsonb_array_elements(s.usage -> 'attempts') AS n(usage)
    UNION ALL
    SELECT s.output ->> 'provider', s.output ->> 'model', s.usage WHERE s.usage -> 'attempts' IS NULL
  ) a
  WHERE s.run_id = $1 AND s.tenant_id = $2 AND s.kind = 'model' AND s.usage IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`;

const USAGE_OF_THREAD = `SELECT jsonb_strip_nulls(jsonb_build_object(
  'inputTokens', coalesce(${summed('input_tokens')}, 0), 'outputTokens', coalesce(${summed('output_tokens')}, 0),
  'cachedTokens', coalesce(${summed('cached_tokens')}, 0), 'reasoningTokens', ${summed('reasoning_tokens')},
  'costMicroUsd', coalesce(${summed('cost_micro_usd')}, 0))) AS usage
  FROM runs WHERE thread_id = $1 AND tenant_id = $2`;

/** Reads runs and their steps. They are written by the engine's statements. */
@Injectable()
export class RunRepository {
  constructor(private readonly database: Database) {}

  async find(ctx: RequestContext, id: string): Promise<Run | undefined> {
    const text = `SELECT ${RUN} FROM runs WHERE id = $1 AND tenant_id = $2`;
    return (await this.database.pool.query<Run>({ name: 'run_find', text, values: [id, ctx.tenantId] })).rows[0];
  }

  /** With how far its events have come. */
  async look(ctx: RequestContext, id: string): Promise<Run & { readonly lastSeq: number }> {
    const text = `SELECT ${RUN}, last_seq AS "lastSeq" FROM runs WHERE id = $1 AND tenant_id = $2`;
    const query = { name: 'run_look', text, values: [id, ctx.tenantId] };
    const [run] = (await this.database.pool.query<Run & { lastSeq: number }>(query)).rows;
    if (!run) throw new NotFoundError('run', id);
    return run;
  }

  async get(ctx: RequestContext, id: string): Promise<Run> {
    const run = await this.find(ctx, id);
    if (!run) throw new NotFoundError('run', id);
    return run;
  }

  /** The run that an earlier attempt of the same request started; a key is its actor's own, and good for 24 h. */
  async findByRequestKey(ctx: RequestContext, key: string): Promise<Run | undefined> {
    const text = `SELECT ${RUN} FROM runs WHERE ${OF_REQUEST}
      AND created_at > now() - interval '24 hours' ORDER BY id DESC LIMIT 1`;
    return (await this.database.pool.query<Run>({ name: 'run_of_request', text, values: ofRequest(ctx, key) })).rows[0];
  }

  /** Lets a key be used again by which a run was started so long ago that it no longer counts. */
  async freeRequestKey(ctx: RequestContext, key: string): Promise<void> {
    const text = `UPDATE runs SET request_key = NULL WHERE ${OF_REQUEST}
      AND created_at <= now() - interval '24 hours'`;
    await this.database.pool.query(text, ofRequest(ctx, key));
  }

  /** Newest first. */
  list(ctx: RequestContext, filter: RunFilter, { limit, before }: Keyset): Promise<ListedRows<Run>> {
    const { where, values } = conditions(ctx, filter);
    if (before !== undefined) where.push(`id < $${values.push(before)}`);
    const select = `SELECT ${RUN} FROM runs WHERE ${where.join(' AND ')} ORDER BY id DESC`;
    return ListedRows.read(this.database.pool, select, values, { limit });
  }

  async count(ctx: RequestContext, filter: RunFilter): Promise<number> {
    const { where, values } = conditions(ctx, filter);
    const text = `SELECT count(*)::int AS total FROM runs WHERE ${where.join(' AND ')}`;
    return (await this.database.pool.query<{ total: number }>(text, values)).rows[0]!.total;
  }

  /** Those that are recorded: steps under way are not. */
  async steps(ctx: RequestContext, runId: string): Promise<StepOutline[]> {
    return (await this.database.pool.query<StepOutline>(STEPS, [runId, ctx.tenantId])).rows;
  }

  /** In the order of the ids, as many as a page may hold; nulls for a step that is not recorded. */
  stepContents(
    ctx: RequestContext,
    runId: string,
    ids: readonly string[],
    limit: number,
  ): Promise<ListedRows<StepContent>> {
    return ListedRows.read(this.database.pool, CONTENTS, [runId, ctx.tenantId, ids], { limit });
  }

  async announcedSteps(ctx: RequestContext, runId: string): Promise<AnnouncedStep[]> {
    return (await this.database.pool.query<AnnouncedStep>(ANNOUNCED, [runId, ctx.tenantId])).rows;
  }

  /** Of all its runs together. */
  async usageOfThread(ctx: RequestContext, threadId: string): Promise<TokenUsage> {
    const text = USAGE_OF_THREAD;
    const { rows } = await this.database.pool.query<{ usage: TokenUsage }>(text, [threadId, ctx.tenantId]);
    return rows[0]!.usage;
  }

  async usageByModel(ctx: RequestContext, runId: string): Promise<ModelUsage[]> {
    const { rows } = await this.database.pool.query<NullableReasoning>(USAGE_BY_MODEL, [runId, ctx.tenantId]);
    return rows.map(({ reasoningTokens, ...usage }) => ({
      ...usage,
      ...(reasoningTokens === null ? {} : { reasoningTokens }),
    }));
  }
}

function conditions(ctx: RequestContext, { status, agentId, threadId, userId }: RunFilter) {
  const where = ['tenant_id = $1'];
  const values: unknown[] = [ctx.tenantId];
  if (status !== undefined) where.push(`status = $${values.push(status)}`);
  if (agentId !== undefined) where.push(`agent_id = $${values.push(agentId)}`);
  if (threadId !== undefined) where.push(`thread_id = $${values.push(threadId)}`);
  if (userId !== undefined) where.push(`context ->> 'userId' = $${values.push(userId)}`);
  return { where, values };
}
