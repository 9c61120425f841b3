import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import { Database, TRACEPARENT, withLogFields } from '@guildhall/core';
import {
  AGENT_CATALOG,
  type AgentCatalog,
  type AgentDefinition,
  type Logger,
  type RequestContext,
} from '@guildhall/sdk';
import { RunCommitter } from '../commit/run-committer.js';
import type { RunProgress } from '../commit/run-progress.statement.js';
import type { EndedRun } from '../ended-run.js';
import { RunEnds } from '../run-ends.js';
import { type TerminalStatus, isTerminal } from '../run.js';
import { RunSignals } from '../streaming/run-signals.js';
import { ThreadQueue } from '../threads/thread-queue.js';
import { Attempt, type AttemptDependencies, type AttemptResult } from './attempt.js';
import type { ClaimedRun } from './claimed-run.js';
import { HandOverError, LeaseLostError } from './control.js';
import { datedFrom } from './dated.js';
import { EngineContracts } from './engine-contracts.js';
import { failAtOnce } from './fail-at-once.js';
import { RunHistory } from './run-history.js';
import { Standstill } from './standstill.js';
import { TenantLoad } from './tenant-load.js';

export interface EngineHooks {
  /** A run was let go of. */
  onIdle(): unknown;
  /** A run has finished a step, and so has not killed this process. */
  onProgress(runId: string): unknown;
}

interface Execution {
  readonly run: ClaimedRun;
  /** Absent while the run's agent is looked up. */
  attempt?: Attempt;
}

/** Runs that one process works on at once; they mostly wait for models. */
const CONCURRENCY = 250;

/** Executes the runs that this process holds leases of. */
@Injectable()
export class RunEngine {
  /** Names this process in leases. A restarted process is another: it knows nothing of what the old one was doing. */
  readonly owner = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
  /** By run, the latest execution of each. */
  private readonly active = new Map<string, Execution>();
  private readonly tenants = new TenantLoad();
  private readonly draining = new AbortController();
  private handedBack = 0;
  /** When all runs were let go of; those whose leases were asked for before are not begun any more. */
  private abandonedAt = -Infinity;
  private logger: Logger | undefined;
  private hooks: EngineHooks = { onIdle: () => {}, onProgress: () => {} };

  constructor(
    private readonly database: Database,
    private readonly committer: RunCommitter,
    private readonly contracts: EngineContracts,
    private readonly history: RunHistory,
    private readonly threads: ThreadQueue,
    private readonly signals: RunSignals,
    private readonly standstill: Standstill,
    @Inject(AGENT_CATALOG) private readonly agents: AgentCatalog,
    private readonly ends: RunEnds,
  ) {}

  get load(): number {
    return this.active.size;
  }

  /** The runs that it works on now. */
  get runIds(): string[] {
    return [...this.active.keys()];
  }

  /** How many more runs it has room for. */
  get room(): number {
    return Math.max(0, CONCURRENCY - this.active.size);
  }

  /** Tenants that have their share of this process. */
  crowding(): string[] {
    return this.tenants.crowding(this.room);
  }

  /** Whether a run whose caller waits is executed at once. If not, it queues with those that nobody waits for. */
  takesNow(tenantId: string): boolean {
    return !this.draining.signal.aborted && this.tenants.hasRoom(tenantId, this.room);
  }

  start(logger: Logger, hooks: EngineHooks): void {
    this.logger = logger;
    this.hooks = hooks;
  }

  /** `agent`: where the caller has resolved it already. Undefined when the run has become another engine's. */
  async execute(run: ClaimedRun, agent?: AgentDefinition): Promise<AttemptResult | undefined> {
    const execution: Execution = { run };
    // It could only be claimed again because its lease ran out while this process lived.
    this.active.get(run.id)?.attempt?.abort(new LeaseLostError(run.id));
    this.active.set(run.id, execution);
    this.tenants.enter(run.tenantId);
    const { requestId, traceparent } = run.origin;
    const fields = { requestId, tenantId: run.tenantId, runId: run.id, [TRACEPARENT]: traceparent };
    try {
      return await withLogFields(fields, () => this.attempt(execution, agent));
    } catch (error) {
      // Nothing could be written any more: the lease runs out, and whoever finds it goes on from the last record.
      if (!(error instanceof LeaseLostError)) this.log.error({ err: error, runId: run.id }, 'Run abandoned');
      return undefined;
    } finally {
      if (this.isLatest(execution)) this.active.delete(run.id);
      this.tenants.leave(run.tenantId);
      this.signals.wake(run.id);
      this.hooks.onIdle();
    }
  }

  cancel(runId: string): void {
    this.active.get(runId)?.attempt?.cancel();
  }

  /** Nothing more is done for any run: the leases may be others' by now. */
  abandon(): void {
    this.abandonedAt = performance.now();
    for (const [runId, { attempt }] of this.active) attempt?.abort(new LeaseLostError(runId));
  }

  /**
   * Lets every run reach a step boundary; when `signal` aborts, cuts them off. All leases are handed back. Resolves to
   * how many runs others go on with.
   */
  async drain(signal: AbortSignal): Promise<number> {
    this.draining.abort();
    const cutOff = () => {
      for (const { attempt } of this.active.values()) attempt?.abort(new HandOverError());
    };
    signal.addEventListener('abort', cutOff, { once: true });
    if (signal.aborted) cutOff();
    while (this.active.size > 0) await this.nextEnd();
    return this.handedBack;
  }

  private nextEnd(): Promise<void> {
    return new Promise((resolve) => (this.hooks = { ...this.hooks, onIdle: resolve }));
  }

  private async attempt(execution: Execution, known: AgentDefinition | undefined): Promise<AttemptResult | undefined> {
    const { run } = execution;
    const commit = async (progress: RunProgress) => {
      const dated = datedFrom(await run.begun, progress);
      // Whoever hears of it without the database spares it a notification, which all commits would wait for in turn.
      const told = progress.notify && this.signals.reachOthers;
      const written = await this.committer.record(told ? { ...dated, notify: false } : dated);
      if (told) this.signals.wakeEverywhere(run.id);
      else this.signals.wake(run.id);
      if (progress.progressed) this.hooks.onProgress(run.id);
      return written;
    };
    let result: AttemptResult | undefined;
    try {
      const agent = known ?? (await this.definitionOf(run));
      if (run.askedAt <= this.abandonedAt || !this.isLatest(execution)) throw new LeaseLostError(run.id);
      execution.attempt = this.begin(run, agent, commit);
      result = await execution.attempt.execute();
    } catch (error) {
      if (execution.attempt || error instanceof LeaseLostError) throw error;
      this.log.warn({ err: error, runId: run.id }, 'Run cannot begin');
      result = await failAtOnce(run, error, commit);
    }
    if (this.draining.signal.aborted && result?.written.status === 'queued') this.handedBack++;
    if (result) await this.afterEnd(run, result);
    return result;
  }

  private begin(run: ClaimedRun, agent: AgentDefinition, commit: AttemptDependencies['commit']): Attempt {
    const { contracts, history, log: logger } = this;
    const draining = this.draining.signal;
    const look = () => this.standstill.look();
    const attempt = new Attempt(run, agent, { contracts, history, logger, draining, look, commit });
    run.begun.catch((reason: unknown) => attempt.abort(reason));
    return attempt;
  }

  private isLatest(execution: Execution): boolean {
    return this.active.get(execution.run.id) === execution;
  }

  private async definitionOf(run: ClaimedRun): Promise<AgentDefinition> {
    const ctx = this.contextOf(run);
    return (await this.agents.resolve(ctx, run.agentId, run.agentVersion, 'continue')).definition;
  }

  private async afterEnd(run: ClaimedRun, result: AttemptResult): Promise<void> {
    const { written } = result;
    if (isTerminal(written.status)) this.ends.tell(endedRun(run, result, written.status));
    if (written.backlog === 0) return;
    await this.database.transaction(this.contextOf(run), (tx) => this.threads.promote(tx, run));
  }

  private contextOf(run: ClaimedRun): RequestContext {
    return { ...run.origin, tenantId: run.tenantId, signal: new AbortController().signal, logger: this.log };
  }

  private get log(): Logger {
    if (!this.logger) throw new Error('The run engine is used before it was started');
    return this.logger;
  }
}

function endedRun(run: ClaimedRun, { ending, written, usage, steps }: AttemptResult, status: TerminalStatus): EndedRun {
  const { id, tenantId, threadId, agentId, agentVersion, origin } = run;
  return {
    id,
    tenantId,
    threadId,
    agentId,
    agentVersion,
    origin,
    status,
    usage,
    ...(ending.error === undefined ? {} : { error: ending.error }),
    ...(steps === undefined ? {} : { steps }),
    startedAt: written.started_at,
    finishedAt: written.finished_at ?? new Date(),
  };
}
