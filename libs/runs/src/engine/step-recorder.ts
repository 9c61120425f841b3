import type { StepKind, StepWrite } from '../commit/run-progress.statement.js';
import type { AttemptState } from './attempt-state.js';
import { derivedId } from './derived-id.js';
import type { InterruptedStep } from './run-record.js';
import { type AttemptUsage, type StepUsage, stepUsage } from './step-usage.js';
import { UNKNOWN_OUTCOME } from './unknown-outcome.js';

export interface StepIdentity {
  readonly key: string;
  readonly kind: StepKind;
  readonly name: string;
  readonly attempt: number;
  readonly input: unknown;
}

/** A step under way: tells readers of it and writes down how it ended. */
export class LiveStep {
  readonly id: string;
  private readonly startedAt = new Date();
  /** An attempt that readers heard of may have left no other trace. */
  private readonly cutOff: InterruptedStep | undefined;
  private readonly attempt: number;
  /** Of attempts that came to nothing, before a retry or a hand-over. */
  private readonly earlierUsage: StepUsage | undefined;

  constructor(
    private readonly state: AttemptState,
    private readonly identity: StepIdentity,
  ) {
    this.id = derivedId('stp', state.run.id, identity.key);
    this.earlierUsage = state.record.step(identity.key)?.usage ?? undefined;
    this.cutOff = state.record.interruptedStep(this.id);
    this.attempt = Math.max(identity.attempt, this.cutOff ? this.cutOff.attempt + 1 : 1);
  }

  get key(): string {
    return this.identity.key;
  }

  get facts() {
    const { kind, name } = this.identity;
    return { stepId: this.id, kind, name, attempt: this.attempt };
  }

  announce(): void {
    const { cutOff } = this;
    if (cutOff) this.state.writer.event('step.retried', { ...this.facts, fromSeq: cutOff.startedSeq + 1 });
    else this.state.writer.event('step.started', this.facts);
  }

  /** Notes that it is about to touch the world: after a crash we know that it may have happened. */
  begin(): void {
    this.write({ status: 'running' });
  }

  succeed(output: unknown, spent: readonly AttemptUsage[] = []): void {
    this.close({ status: 'succeeded', output, ...this.usage(spent, true) });
    this.state.writer.event('step.completed', this.facts);
  }

  fail(error: StepWrite['error'], spent: readonly AttemptUsage[] = []): void {
    this.close({ status: 'failed', error, ...this.usage(spent, false) });
    this.state.writer.event('step.failed', { ...this.facts, error });
  }

  /** It was cut off and will begin anew, if at all: what it cost is kept. */
  supersede(spent: readonly AttemptUsage[]): void {
    if (spent.length > 0) this.close({ status: 'superseded', ...this.usage(spent, false) });
  }

  /** It was cut off, and what it did to the world is not known. */
  leaveUnknown(): void {
    this.fail(UNKNOWN_OUTCOME);
  }

  private usage(spent: readonly AttemptUsage[], answered: boolean): { usage?: StepUsage } {
    const usage = stepUsage(this.earlierUsage, spent, answered);
    return usage ? { usage } : {};
  }

  private close(end: Partial<StepWrite> & Pick<StepWrite, 'status'>): void {
    const now = new Date();
    this.state.tick(now);
    this.write({ ...end, finished_at: now.toISOString() });
  }

  private write(end: Partial<StepWrite> & Pick<StepWrite, 'status'>): void {
    const { attempt } = this;
    const { key, kind, name, input } = this.identity;
    const started_at = this.startedAt.toISOString();
    this.state.writer.step({ key, id: this.id, kind, name, attempt, input, started_at, ...end });
  }
}
