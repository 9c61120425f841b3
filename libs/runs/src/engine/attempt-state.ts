import type { AgentDefinition, RequestContext, TokenUsage } from '@guildhall/sdk';
import type { ClaimedRun } from './claimed-run.js';
import type { Conversation } from './conversation.js';
import { CostAllowance } from './cost-allowance.js';
import type { EngineContracts } from './engine-contracts.js';
import { addUsage, exceededLimit } from './limits.js';
import type { PauseDetector } from './pause-detector.js';
import { type AskedStep, type Replay, replayStep } from './replay.js';
import type { RunRecord } from './run-record.js';
import type { RunWriter } from './run-writer.js';

export interface AttemptParts {
  readonly run: ClaimedRun;
  readonly agent: AgentDefinition;
  /** Its signal is the attempt's. */
  readonly request: RequestContext;
  readonly record: RunRecord;
  readonly writer: RunWriter;
  readonly pauses: PauseDetector;
  readonly conversation: Conversation;
  readonly contracts: EngineContracts;
  /** Aborts when the process is about to stop: no new step begins. */
  readonly draining: AbortSignal;
  /** Ends the attempt where this process stood still for so long that the run may be another's. */
  look(): void;
  /** Ends the attempt, whatever the agent's function makes of the error. */
  abort(reason: Error): void;
}

/** What all steps of one execution share: who runs, what is recorded, what is spent, and what time it is. */
export class AttemptState {
  readonly run: ClaimedRun;
  readonly agent: AgentDefinition;
  readonly request: RequestContext;
  readonly record: RunRecord;
  readonly writer: RunWriter;
  readonly pauses: PauseDetector;
  readonly conversation: Conversation;
  readonly contracts: EngineContracts;
  /** Shared by all model calls of the run. */
  readonly allowance: CostAllowance;
  /** Texts that model steps have spoken, and the messages they are. */
  readonly spoken = new Map<string, string>();
  /** By the id of a tool call, the step that was asked for it first. */
  private readonly callers = new Map<string, string>();

  private time = 0;
  private usage: TokenUsage;
  private steps = 0;

  constructor(private readonly parts: AttemptParts) {
    this.run = parts.run;
    this.agent = parts.agent;
    this.request = parts.request;
    this.record = parts.record;
    this.writer = parts.writer;
    this.pauses = parts.pauses;
    this.conversation = parts.conversation;
    this.contracts = parts.contracts;
    this.usage = parts.run.usage;
    this.allowance = new CostAllowance(parts.agent.limits.maxCostMicroUsd, this.usage.costMicroUsd, this.signal);
  }

  /** When the last step ended, or the run began: its own clock, in ms since 1970, which a replay reads alike. */
  async now(): Promise<number> {
    return Math.max((await this.run.begun).getTime(), this.time);
  }

  get totalUsage(): TokenUsage {
    return this.usage;
  }

  get stepCount(): number {
    return this.steps;
  }

  get signal(): AbortSignal {
    return this.request.signal;
  }

  tick(at: Date): void {
    this.time = Math.max(this.time, at.getTime());
  }

  spend(usage: TokenUsage): void {
    this.usage = addUsage(this.usage, usage);
    this.writer.spend(usage);
  }

  /** What the record says of the step; a contradiction ends the attempt. */
  async replay(asked: AskedStep): Promise<Replay> {
    if (this.signal.aborted) return halt();
    try {
      return replayStep(this.record.step(asked.key), asked);
    } catch (error) {
      return this.end(error as Error);
    }
  }

  /**
   * The idempotency key of a tool call, the same on every attempt. Named when its step is asked for, in the order of the
   * code: of calls with one id (some vendors number them anew in each reply, and a worker may talk to a model of its own)
   * all but the agent's first are told apart by their step.
   */
  nameCall(callId: string, stepKey: string): string {
    const isOfWorker = stepKey.includes('.');
    if (!isOfWorker && !this.callers.has(callId)) this.callers.set(callId, stepKey);
    const key = `${this.run.id}:${callId}`;
    return this.callers.get(callId) === stepKey ? key : `${key}:${stepKey}`;
  }

  countStep(): void {
    this.steps++;
  }

  /** Lets the next step begin; ends the attempt when a limit is reached. */
  async admit(callsModel: boolean): Promise<void> {
    if (this.signal.aborted) return halt();
    if (this.parts.draining.aborted) return this.pauses.block('shutdown');
    const exceeded = exceededLimit(this.agent.limits, { steps: this.steps, usage: this.usage }, callsModel);
    if (exceeded) return this.end(exceeded);
    this.steps++;
  }

  /**
   * The last thing before a step leaves this process: commits all steps so far; the attempt may have ended meanwhile.
   * What only reads need not wait until the run itself is committed.
   */
  async settle(effect: 'reads' | 'acts'): Promise<void> {
    if (effect === 'acts') await this.run.begun;
    await this.writer.barrier();
    this.parts.look();
    if (this.signal.aborted) return halt();
  }

  private end(reason: Error): Promise<never> {
    this.parts.abort(reason);
    return halt();
  }
}

/** Nothing that an agent's function does about an error may keep an attempt going that has ended: it is let go of. */
const halt = (): Promise<never> => new Promise(() => {});
