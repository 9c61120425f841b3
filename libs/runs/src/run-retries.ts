import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '@guildhall/core';
import { AGENT_CATALOG, type AgentCatalog, ConflictError, type RequestContext } from '@guildhall/sdk';
import { OUTCOME_UNKNOWN } from './engine/unknown-outcome.js';
import { alreadyFinished } from './run-conflicts.js';
import { RunRepository } from './run.repository.js';
import { type Run, isTerminal } from './run.js';
import { ThreadQueue } from './threads/thread-queue.js';

/** One version of the run's agent, or the one that new runs take now. */
export type RetryVersion = number | 'published';

const REQUEUE = `
UPDATE runs r SET status = 'queued', attempts = r.attempts + 1, crashes = 0, cancel_requested_at = NULL,
  error = NULL, output = NULL, finished_at = NULL, active_ms = 0, lease_epoch = r.lease_epoch + 1,
  agent_version = coalesce($3, r.agent_version)
FROM (SELECT id, status AS was FROM runs WHERE id = $1 AND tenant_id = $2 FOR UPDATE) before
WHERE r.id = before.id AND r.status IN ('failed', 'needs_attention') RETURNING before.was`;

const SUPERSEDE = `
UPDATE run_steps SET status = 'superseded' WHERE run_id = $1 AND tenant_id = $2 AND status = 'failed'
  AND (kind <> 'tool' OR error ->> 'code' = 'internal_error') AND error ->> 'code' <> $3`;

/** Readers learn from `pruned_seq` which events they cannot have any more, now that the run goes on. */
const LET_GO_ON = `
UPDATE runs SET ready = $3, pruned_seq =
  coalesce((SELECT min(seq) - 1 FROM run_events WHERE run_id = $1 AND tenant_id = $2), last_seq)
WHERE id = $1 AND tenant_id = $2`;

const HAS_RECORD = `
SELECT EXISTS (SELECT FROM run_steps WHERE run_id = $1 AND tenant_id = $2)
  OR EXISTS (SELECT FROM run_events WHERE run_id = $1 AND tenant_id = $2) AS recorded`;

/** Lets runs go on that failed, or that need a person's attention. */
@Injectable()
export class RunRetries {
  constructor(
    private readonly database: Database,
    private readonly runs: RunRepository,
    private readonly threads: ThreadQueue,
    @Inject(AGENT_CATALOG) private readonly agents: AgentCatalog,
  ) {}

  /**
   * From the step that failed: what succeeded stays, and is not done again. With another version of the agent as well:
   * where that would have gone another way than is recorded, the run needs attention.
   */
  async retry(ctx: RequestContext, id: string, version?: RetryVersion): Promise<Run> {
    const run = await this.runs.get(ctx, id);
    refuseUnlessRetryable(run);
    const agentVersion = await this.versionFor(ctx, run, version);
    const requeued = await this.database.transaction(ctx, (tx) => this.requeue(tx, run, agentVersion));
    const now = await this.runs.get(ctx, id);
    // Somebody else was faster.
    if (!requeued) refuseUnlessRetryable(now);
    return now;
  }

  /** Undefined: the run keeps the one it has. */
  private async versionFor(
    ctx: RequestContext,
    { agentId }: Run,
    version: RetryVersion | undefined,
  ): Promise<number | undefined> {
    if (version === undefined) return undefined;
    const agent =
      version === 'published'
        ? await this.agents.resolve(ctx, agentId)
        : await this.agents.resolve(ctx, agentId, version, 'continue');
    return agent.version;
  }

  private async requeue(tx: EntityManager, run: Run, agentVersion: number | undefined): Promise<boolean> {
    const scope = [run.id, run.tenantId];
    await this.threads.lock(tx, run);
    const [rows] = await tx.query<[{ was: string }[]]>(REQUEUE, [...scope, agentVersion ?? null]);
    if (!rows[0]) return false;
    await this.refuseWithoutRecord(tx, run);
    await tx.query(SUPERSEDE, [...scope, OUTCOME_UNKNOWN]);
    // A run that needs attention still holds its thread; a failed one has left it.
    const ready = rows[0].was === 'needs_attention' || (await this.threads.enter(tx, run));
    await tx.query(LET_GO_ON, [...scope, ready]);
    await tx.query(`SELECT pg_notify('guildhall_runs', 'work')`);
    return true;
  }

  /** Under the run's lock. Every run that ended has events, unless they were removed; its steps may be gone as well. */
  private async refuseWithoutRecord(tx: EntityManager, { id, tenantId }: Run): Promise<void> {
    const [{ recorded }] = await tx.query<[{ recorded: boolean }]>(HAS_RECORD, [id, tenantId]);
    if (recorded) return;
    const message = `The record of run '${id}' is no longer kept, so it cannot go on from where it failed; start a new run`;
    throw new ConflictError('run_not_retryable', message);
  }
}

function refuseUnlessRetryable({ id, status }: Run): void {
  if (status === 'failed' || status === 'needs_attention') return;
  if (isTerminal(status)) throw alreadyFinished({ id, status });
  const message = `Run '${id}' is ${status}; only a run that failed or needs attention can be retried`;
  throw new ConflictError('run_not_retryable', message);
}
