import { Inject, Injectable } from '@nestjs/common';
import { Settings, canonicalJson, newId } from '@guildhall/core';
import {
  AGENT_CATALOG,
  type AgentCatalog,
  AppError,
  AuthorizationError,
  ConflictError,
  NotFoundError,
  type RequestContext,
  type ResolvedAgent,
  type RunInput,
  hasScope,
} from '@guildhall/sdk';
import { isStartedBefore } from './commit/database-errors.js';
import { RunCommitter } from './commit/run-committer.js';
import type { RunStart } from './commit/run-start.statement.js';
import type { AttemptResult } from './engine/attempt.js';
import { RunEngine } from './engine/run-engine.js';
import { claimOf, endedRun, newRun } from './new-run.js';
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
   * process runs workers, it is under way here already; else a worker takes it. On a thread of its own nothing can stand
   * in its way, so that its first model call may be made while it is committed.
   */
  async start(ctx: RequestContext, input: StartRun, delivery: Delivery): Promise<StartedRun> {
    refuseUntrustedGroups(ctx, input.context);
    try {
      return await this.startOnce(ctx, input, delivery);
    } catch (error) {
      if (!isStartedBefore(error)) throw error;
      // By an attempt that was given up for dead and committed all the same; or days ago, and then the key is free again.
      await this.runs.freeRequestKey(ctx, ctx.idempotencyKey!);
      return this.startOnce(ctx, input, delivery);
    }
  }

  private async startOnce(ctx: RequestContext, input: StartRun, delivery: Delivery): Promise<StartedRun> {
    const earlier = await this.startedBefore(ctx);
    if (earlier) return this.waitedFor(ctx, theSame(earlier, input), input.onBusy);
    const agent = await this.agents.resolve(ctx, input.agentId, input.version);
    ctx.signal.throwIfAborted();
    const inline = delivery !== 'background' && this.settings.RUN_WORKERS && this.engine.takesNow(ctx.tenantId);
    const start = this.startOf(ctx, input, agent, delivery, inline);
    const ahead = inline && start.new_thread && this.committer.startsPromptly;
    const askedAt = performance.now();
    const starting = this.committer.start(start);
    const execute = (turn: string | null, context = start.context) =>
      this.engine.execute(claimOf(start, { starting, askedAt, turn, context }), agent.definition);
    const executing = ahead ? execute(null) : undefined;
    const started = await starting;
    if (started.outcome === 'no_thread') throw new NotFoundError('thread', start.thread_id);
    if (started.outcome === 'busy') throw threadBusy(start.thread_id);
    const run = newRun(start, started);
    if (started.outcome === 'queued') return this.waitedFor(ctx, run, input.onBusy);
    const executed = executing ?? execute(start.new_thread ? null : started.turn, started.context!);
    return { run, settled: (ms) => this.settledHere(ctx, run, executed, ms) };
  }

  /** What an equal request with the same key started. */
  async started(ctx: RequestContext): Promise<StartedRun> {
    const earlier = await this.startedBefore(ctx);
    if (earlier) return this.waitedFor(ctx, earlier);
    const message = 'The run that the first request with this Idempotency-Key started was deleted';
    throw new AppError('not_found', 'run_not_found', message);
  }

  /** Where its caller wants it to wait for no other, it does not queue; clearing the way twice is no fault. */
  private async waitedFor(ctx: RequestContext, run: Run, mode?: OnBusy): Promise<StartedRun> {
    if (run.status === 'queued' && (mode === 'interrupt' || mode === 'rollback')) {
      await this.control.clearThread(ctx, { threadId: run.threadId, runId: run.id, mode });
    }
    return { run, settled: (timeoutMs) => this.waiter.settled(ctx, run.id, timeoutMs) };
  }

  /** By the same keyed request, whether or not it came to an answer. */
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
    const result = await this.waiter.within(ctx, executed, timeoutMs);
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

/** The key's outcome may not have been kept, for a client who left; the key is that request's all the same. */
function theSame(earlier: Run, { agentId, input, metadata = {} }: StartRun): Run {
  const isSame =
    canonicalJson([earlier.agentId, earlier.input, earlier.metadata]) === canonicalJson([agentId, input, metadata]);
  if (isSame) return earlier;
  const message = `This Idempotency-Key started run '${earlier.id}', of another request; take a new one`;
  throw new ConflictError('idempotency_key_reused', message);
}

function threadBusy(threadId: string): ConflictError {
  const message = `Another run is active on thread '${threadId}': wait for it, or leave onBusy out to queue behind it`;
  return new ConflictError('thread_busy', message, { retryable: true });
}
