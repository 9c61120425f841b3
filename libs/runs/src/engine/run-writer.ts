import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Answer, NO_USAGE, type TokenUsage } from '@guildhall/sdk';
import type { InterruptWrite, ProgressWritten, RunProgress, StepWrite } from '../commit/run-progress.statement.js';
import type { RunEventType } from '../run-event.js';
import type { RunStatus, StoredError } from '../run.js';
import type { ClaimedRun } from './claimed-run.js';
import { LeaseLostError } from './control.js';
import { addUsage } from './limits.js';
import { UNKNOWN_OUTCOME } from './unknown-outcome.js';

/** An event on its way: `seq` is there once it is committed. */
export interface EventDraft {
  readonly type: RunEventType;
  readonly at: string;
  /** A function, given the event's own seq, where it speaks of what was committed before. */
  readonly payload: object | ((seq: number) => object);
  seq?: number;
}

export interface Ending {
  readonly status: RunStatus;
  readonly output?: Answer;
  readonly error?: StoredError;
  readonly message?: { readonly id: string; readonly text: string };
  readonly activeMs: number;
}

export interface WriterHooks {
  commit(progress: RunProgress): Promise<ProgressWritten>;
  /** A write found out that somebody wants the run to end. */
  onCancelRequested(): void;
  /** A write that nobody waits for failed. */
  onFailure(error: unknown): void;
}

/** Nothing stays unseen for longer, even when the run has no reason to write. */
const VISIBLE_WITHIN_MS = 100;

interface Gathered {
  steps: Map<string, StepWrite>;
  events: EventDraft[];
  interrupts: InterruptWrite[];
  spent: TokenUsage;
}

const nothing = (): Gathered => ({ steps: new Map(), events: [], interrupts: [], spent: NO_USAGE });

/**
 * Writes behind the agent's function: what happened is gathered and committed together, at the latest before the next
 * effect on the world (`barrier`), before a reader may see it, and with the end. One write of a run at a time. What
 * comes after the end is no part of the run any more.
 */
export class RunWriter {
  private gathered = nothing();
  /** Steps that were written as running and have not ended, by key. */
  private readonly open = new Map<string, StepWrite>();
  private revision = 0;
  private lastSeq: number;
  private writing: Promise<unknown> | undefined;
  private queued: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private failure: unknown;

  constructor(
    private readonly run: ClaimedRun,
    private readonly hooks: WriterHooks,
  ) {
    this.lastSeq = run.lastSeq;
  }

  event(type: RunEventType, payload: EventDraft['payload']): EventDraft {
    const draft: EventDraft = { type, payload, at: new Date().toISOString() };
    if (this.closed) return draft;
    this.gathered.events.push(draft);
    this.timer ??= setTimeout(() => this.flushBehind(), VISIBLE_WITHIN_MS);
    return draft;
  }

  step(step: StepWrite): void {
    if (this.closed) return;
    this.gathered.steps.set(step.key, step);
    if (step.status === 'running') this.open.set(step.key, step);
    else this.open.delete(step.key);
  }

  interrupt(interrupt: InterruptWrite): void {
    if (!this.closed) this.gathered.interrupts.push(interrupt);
  }

  spend(usage: TokenUsage): void {
    if (!this.closed) this.gathered.spent = addUsage(this.gathered.spent, usage);
  }

  /** Drops events that are not committed yet. */
  retract(drafts: readonly EventDraft[]): void {
    this.gathered.events = this.gathered.events.filter((event) => !drafts.includes(event));
  }

  /** Resolves when every step so far is committed; at once when there is nothing that binds. */
  async barrier(): Promise<void> {
    const { steps, interrupts } = this.gathered;
    if (steps.size > 0 || interrupts.length > 0) await this.flush();
    else if (this.writing) await this.writing;
    this.refuseAfterFailure();
  }

  flush(): Promise<void> {
    return (this.queued ??= this.flushNext());
  }

  /** For readers' sake, with nobody waiting. */
  flushBehind(): void {
    this.flush().catch((error: unknown) => this.hooks.onFailure(error));
  }

  /** The last write: everything gathered, and what became of the run. */
  async finish(ending: Ending): Promise<ProgressWritten> {
    if (ending.status === 'failed' || ending.status === 'cancelled') this.cutOff(ending.error);
    this.close();
    await this.writing;
    return this.write(ending);
  }

  /** Forgets what was not committed: the run is another's. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  /** Nobody will end these steps any more: a question fails as its run does, what a call to a tool did nobody knows. */
  private cutOff(error: StoredError | undefined): void {
    const finished_at = new Date().toISOString();
    for (const step of this.open.values()) {
      this.step({ ...step, status: 'failed', error: step.kind === 'tool' ? UNKNOWN_OUTCOME : error, finished_at });
    }
  }

  private async flushNext(): Promise<void> {
    try {
      // Steps that begin in the same turn go into the same write.
      await nextTurn();
      await this.writing;
    } finally {
      this.queued = undefined;
    }
    const { steps, events, interrupts } = this.gathered;
    if (this.closed || (steps.size === 0 && events.length === 0 && interrupts.length === 0)) return;
    await this.write({ status: 'running', activeMs: 0 });
  }

  private async write(ending: Ending): Promise<ProgressWritten> {
    this.refuseAfterFailure();
    const gathered = this.gathered;
    this.gathered = nothing();
    clearTimeout(this.timer);
    this.timer = undefined;
    this.revision++;
    const commit = this.commit(this.progress(gathered, ending));
    this.writing = commit.catch((error: unknown) => (this.failure = error));
    const written = await commit;
    this.lastSeq = written.last_seq;
    const first = written.last_seq - gathered.events.length + 1;
    gathered.events.forEach((event, index) => (event.seq = first + index));
    if (written.cancel_requested && ending.status === 'running') this.hooks.onCancelRequested();
    return written;
  }

  private async commit(progress: RunProgress): Promise<ProgressWritten> {
    const written = await this.hooks.commit(progress);
    if (written.outcome === 'lost') throw new LeaseLostError(this.run.id);
    return written;
  }

  /** What a failed write held is lost, so nothing may follow it. */
  private refuseAfterFailure(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  private progress(gathered: Gathered, ending: Ending): RunProgress {
    const steps = [...gathered.steps.values()];
    return {
      run_id: this.run.id,
      epoch: this.run.epoch,
      revision: this.revision,
      status: ending.status,
      steps,
      events: gathered.events.map(({ type, at, payload }, index) => ({
        type,
        at,
        payload:
          typeof payload === 'function' ? (payload as (seq: number) => object)(this.lastSeq + 1 + index) : payload,
      })),
      interrupts: gathered.interrupts,
      spent: gathered.spent,
      active_ms: ending.activeMs,
      progressed: steps.some(({ status }) => status !== 'running'),
      answers: this.run.answers,
      output: ending.output ?? null,
      error: ending.error ?? null,
      message: ending.message ?? null,
      notify: !this.run.quiet,
    };
  }
}
