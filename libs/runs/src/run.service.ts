import { Inject, Injectable } from '@nestjs/common';
import { Settings, newId } from '@guildhall/core';
import {
  AGENT_CATALOG,
  type AgentCatalog,
  AuthorizationError,
  ConflictError,
  NO_USAGE,
  NotFoundError,
  type RequestContext,
  type ResolvedAgent,
  type RunInput,
  hasScope,
} from '@guildhall/sdk';
import { RunCommitter } from './commit/run-committer.js';
import type { RunStart, RunStarted } from './commit/run-start.statement.js';
import type { AttemptResult } from './engine/attempt.js';
import type { ClaimedRun } from './engine/claimed-run.js';
import { RunEngine } from './engine/run-engine.js';
import { RunControl } from './run-control.service.js';
import { RunRepository } from './run.repository.js';
import { RunWaiter } from './run-waiter.js';
import type { Run, RunUserContext } from './run.js';

type OnBusy = 'enqueue' | 'reject' | 'interrupt' | 'rollback';

export interface StartRun {
  readonly agentId: string;
  readonly version?: number;
  /** Absent: a thread is made with the run. */
  readonly threadId?: string;
  readonly input: RunInput;
  readonly context?: RunUserContext;
  readonly onBusy?: OnBusy;
  readonly metadata?: Record<string, unknown>;
}

/** How the caller wants to learn of the result: not at all, by waiting, or as it comes. */
export type Delivery = 'background' | 'wait' | 'stream';

export interface StartedRun {
  readonly run: Run;
  /** The run when it rests or has ended; waits no longer than `timeoutMs`. */
  settled(timeoutMs: number): Promise<Run>;
}

/** Starts runs. */
@Injectable()
export class RunService {
  constructor(
    private readonly committer: RunCommitter,
    private readonly engine: RunEngine,
    private readonly control: RunControl,
    private readonly waiter: RunWaiter,
    private readonly runs: RunRepository,
    @Inject(AGENT_CATALOG) private readonly agents: AgentCatalog,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  /**
   * Thread, message, run and first events are committed when this resolves. Where the caller waits or streams and this
   * process runs workers, it is under way here already; else a worker takes it.
   */
  async start(ctx: RequestContext, input: StartRun, delivery: Delivery): Promise<StartedRun> {
    refuseUntrustedGroups(ctx, input.context);
    const earlier = await this.startedBefore(ctx);
    if (earlier) return { run: earlier, settled: (ms) => this.waiter.settled(ctx, earlier.id, ms) };
    const agent = await this.agents.resolve(ctx, input.agentId, input.version);
    ctx.signal.throwIfAborted();
    const inline = delivery !== 'background' && this.settings.RUN_WORKERS && !this.engine.isDraining;
    const start = this.startOf(ctx, input, agent, delivery, inline);
    const askedAt = performance.now();
    const started = await this.committer.start(start);
    if (started.outcome === 'no_thread') throw new NotFoundError('thread', start.thread_id);
    if (started.outcome === 'busy') throw threadBusy(start.thread_id);
    if (started.outcome === 'queued' && (input.onBusy === 'interrupt' || input.onBusy === 'rollback')) {
      await this.control.clearThread(ctx, { threadId: start.thread_id, runId: start.run_id, mode: input.onBusy });
    }
    const run = newRun(start, started);
    if (started.outcome === 'queued') return { run, settled: (ms) => this.waiter.settled(ctx, run.id, ms) };
    const executed = this.engine.execute(claimOf(start, started, askedAt), agent.definition);
    return { run, settled: (ms) => this.settledHere(ctx, run, executed, ms) };
  }

  /** By the same keyed request, whose process died between the run's commit and the answer. */
  private async startedBefore(ctx: RequestContext): Promise<Run | undefined> {
    return ctx.idempotencyKey === undefined ? undefined : this.runs.findByRequestKey(ctx, ctx.idempotencyKey);
  }

  /** Executed in this process, the end is at hand without asking the database. */
  private async settledHere(
    ctx: RequestContext,
    run: Run,
    executed: Promise<AttemptResult | undefined>,
    timeoutMs: number,
  ): Promise<Run> {
    const deadline = performance.now() + timeoutMs;
    const result = await this.waiter.within(executed, timeoutMs, ctx.signal);
    if (result && result.written.status !== 'queued') return endedRun(run, result);
    return this.waiter.settled(ctx, run.id, Math.max(0, deadline - performance.now()));
  }

  private startOf(
    ctx: RequestContext,
    { threadId, input, context = {}, metadata = {}, onBusy = 'enqueue' }: StartRun,
    { agentId, version }: ResolvedAgent,
    delivery: Delivery,
    inline: boolean,
  ): RunStart {
    const { actor, requestId, traceparent } = ctx;
    return {
      run_id: newId('run'),
      tenant_id: ctx.tenantId,
      thread_id: threadId ?? newId('thr'),
      new_thread: threadId === undefined,
      agent_id: agentId,
      agent_version: version,
      on_busy: onBusy === 'reject' ? 'reject' : 'enqueue',
      message_id: newId('msg'),
      text: input.text ?? '',
      parts: input.parts ?? null,
      input,
      context,
      metadata,
      origin: { actor, requestId, ...(traceparent === undefined ? {} : { traceparent }) },
      request_key: ctx.idempotencyKey ?? null,
      streamed: delivery !== 'wait',
      lease_owner: inline ? this.engine.owner : null,
      v: 1,
    };
  }
}

/** Groups open documents, so they are believed only from a key that was given the right to name them. */
function refuseUntrustedGroups({ actor }: RequestContext, context: RunUserContext | undefined): void {
  if (!context?.groups?.length || hasScope(actor, 'knowledge:groups')) return;
  throw new AuthorizationError(`'context.groups' needs a key with the scope 'knowledge:groups'`);
}

function threadBusy(threadId: string): ConflictError {
  const message = `Another run is active on thread '${threadId}': wait for it, or leave onBusy out to queue behind it`;
  return new ConflictError('thread_busy', message, { retryable: true });
}

function newRun(start: RunStart, { outcome, created_at }: RunStarted): Run {
  const running = outcome === 'running';
  return {
    id: start.run_id,
    tenantId: start.tenant_id,
    threadId: start.thread_id,
    agentId: start.agent_id,
    agentVersion: start.agent_version,
    status: running ? 'running' : 'queued',
    input: start.input,
    output: null,
    error: null,
    usage: NO_USAGE,
    attempts: running ? 1 : 0,
    metadata: start.metadata,
    createdAt: created_at!,
    startedAt: running ? created_at! : null,
    finishedAt: null,
  };
}

function claimOf(start: RunStart, { turn, created_at }: RunStarted, askedAt: number): ClaimedRun {
  return {
    id: start.run_id,
    tenantId: start.tenant_id,
    threadId: start.thread_id,
    agentId: start.agent_id,
    agentVersion: start.agent_version,
    epoch: 1,
    askedAt,
    turn: turn!,
    input: start.input,
    context: start.context,
    metadata: start.metadata,
    origin: start.origin,
    streamed: start.streamed,
    attempts: 1,
    activeMs: 0,
    usage: NO_USAGE,
    answers: 0,
    lastSeq: 2,
    startedAt: created_at!,
    createdAt: created_at!,
    fresh: true,
    opensThread: start.new_thread,
    quiet: !start.streamed,
    suspect: false,
  };
}

function endedRun(run: Run, { ending, written, usage }: AttemptResult): Run {
  const { status, finished_at: finishedAt } = written;
  return { ...run, status, output: ending.output ?? null, error: ending.error ?? null, usage, finishedAt };
}
