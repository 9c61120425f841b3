import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type AgentDefinition,
  type AgentKindHandler,
  type Answer,
  CancelledError,
  type Logger,
  type RequestContext,
  UnavailableError,
} from '@guildhall/sdk';
import type { ProgressWritten, RunProgress } from '../commit/run-progress.statement.js';
import { type AttemptEnding, endWithout, succeed } from './attempt-ending.js';
import { AttemptState } from './attempt-state.js';
import type { ClaimedRun } from './claimed-run.js';
import { AttemptEndedError, HandOverError, SuspendedError } from './control.js';
import { Conversation } from './conversation.js';
import { DurableRunContext } from './durable-run-context.js';
import type { EngineContracts } from './engine-contracts.js';
import { timedOut } from './limits.js';
import { PauseDetector, type PauseReason } from './pause-detector.js';
import type { RunHistory } from './run-history.js';
import { RunRecord } from './run-record.js';
import { RunWriter } from './run-writer.js';
import { StepScope } from './step-scope.js';
import { ToolEffects } from './tool-effects.js';

export interface AttemptDependencies {
  readonly contracts: EngineContracts;
  readonly history: RunHistory;
  readonly logger: Logger;
  readonly draining: AbortSignal;
  look(): void;
  commit(progress: RunProgress): Promise<ProgressWritten>;
}

/** How an attempt ended, as it was committed. */
export interface AttemptResult {
  readonly ending: AttemptEnding;
  readonly written: ProgressWritten;
  readonly usage: RunUsage;
  /** Of all attempts. Undefined: the run ended before its record was read. */
  readonly steps?: number;
}

type RunUsage = ClaimedRun['usage'];

/** Longer than this a timer overflows. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One execution of a run's function under one lease, from its first step to an end that is committed. */
export class Attempt {
  private readonly controller = new AbortController();
  private readonly writer: RunWriter;
  private readonly request: RequestContext;

  constructor(
    readonly run: ClaimedRun,
    private readonly agent: AgentDefinition,
    private readonly dependencies: AttemptDependencies,
  ) {
    this.request = {
      ...run.origin,
      tenantId: run.tenantId,
      signal: this.controller.signal,
      logger: dependencies.logger,
    };
    this.writer = new RunWriter(run, {
      commit: dependencies.commit,
      onCancelRequested: () => this.cancel(),
      onFailure: (error) => this.abort(error),
    });
  }

  cancel(): void {
    this.abort(new CancelledError('The run was cancelled'));
  }

  abort(reason: unknown): void {
    this.controller.abort(reason);
  }

  /** Undefined when the run has become another engine's. */
  async execute(): Promise<AttemptResult | undefined> {
    const begun = performance.now();
    const timer = this.startTimer();
    try {
      const state = await this.prepare();
      const ending = await this.perform(state);
      if (!ending) return undefined;
      const written = await this.writer.finish({ ...ending, activeMs: Math.round(performance.now() - begun) });
      return { ending, written, usage: state.totalUsage, steps: state.stepCount };
    } finally {
      clearTimeout(timer);
      this.writer.close();
    }
  }

  private startTimer(): NodeJS.Timeout {
    const { timeoutMs } = this.agent.limits;
    const left = timeoutMs - this.run.activeMs;
    const end = () => this.abort(timedOut(timeoutMs));
    // Attempts that died may have had all the time: then this one begins nothing.
    if (left <= 0) end();
    return setTimeout(end, Math.min(Math.max(left, 0), LONGEST_TIMER_MS)).unref();
  }

  private async prepare(): Promise<AttemptState> {
    const { run, agent, request, writer, dependencies } = this;
    const { contracts, history, draining, look } = dependencies;
    const record = run.fresh ? RunRecord.EMPTY : await history.recordOf(run);
    const conversation = new Conversation(async () =>
      contracts.memory.select(request, await history.messagesBefore(run), agent.memory),
    );
    const pauses = new PauseDetector((reasons) => this.abort(whyPaused(reasons)));
    const abort = (reason: Error) => this.abort(reason);
    const parts = { run, agent, request, record, writer, pauses, conversation, contracts, draining, look, abort };
    return new AttemptState(parts);
  }

  private async perform(state: AttemptState): Promise<AttemptEnding | undefined> {
    const { signal } = this.controller;
    try {
      signal.throwIfAborted();
      const output = await Promise.race([this.callAgent(state), rejectionOf(signal)]);
      signal.throwIfAborted();
      await this.letGo(state);
      return succeed(state, output);
    } catch (error) {
      const reason: unknown = signal.aborted ? signal.reason : error;
      await this.letGo(state);
      return endWithout(state, reason, this.dependencies.logger);
    }
  }

  /** The function may have left steps under way; those that are cut off note it, and no other begins. */
  private async letGo(state: AttemptState): Promise<void> {
    this.abort(new AttemptEndedError());
    if (state.pauses.isLive) await nextTurn();
  }

  private callAgent(state: AttemptState): Promise<Answer> {
    const { contracts } = this.dependencies;
    const kind = contracts.contributions.find<AgentKindHandler, unknown>('agent-kind', this.agent.kind);
    if (!kind) {
      throw new UnavailableError('plugin_unavailable', `No active plugin knows agents of kind '${this.agent.kind}'`);
    }
    const effects = new ToolEffects(contracts.tools, this.request);
    return kind.instance.run(new DurableRunContext(state, effects, new StepScope()), this.agent);
  }
}

function whyPaused(reasons: ReadonlySet<PauseReason>): Error {
  return reasons.has('shutdown') ? new HandOverError() : new SuspendedError(reasons.has('attention'));
}

/** Ends the race when the attempt must end, even for a function that does not listen to its signal. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
