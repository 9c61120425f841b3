import type { InterruptKind, InterruptResponse } from '@guildhall/sdk';
import type { RecordedStep } from './replay.js';

export interface RecordedInterrupt {
  readonly key: string;
  readonly kind: InterruptKind;
  readonly response: InterruptResponse | null;
  readonly respondedAt: Date | null;
}

/** A step that an earlier attempt announced to readers and did not finish. */
export interface InterruptedStep {
  readonly stepId: string;
  readonly startedSeq: number;
  readonly attempt: number;
}

/** What earlier attempts of a run left behind. */
export class RunRecord {
  private readonly steps: ReadonlyMap<string, RecordedStep>;
  private readonly interrupts: ReadonlyMap<string, RecordedInterrupt>;
  private readonly interrupted: ReadonlyMap<string, InterruptedStep>;

  constructor(
    steps: readonly RecordedStep[],
    interrupts: readonly RecordedInterrupt[],
    interrupted: readonly InterruptedStep[],
  ) {
    this.steps = new Map(steps.map((step) => [step.key, step]));
    this.interrupts = new Map(interrupts.map((interrupt) => [interrupt.key, interrupt]));
    this.interrupted = new Map(interrupted.map((step) => [step.stepId, step]));
  }

  static readonly EMPTY = new RunRecord([], [], []);

  step(key: string): RecordedStep | undefined {
    return this.steps.get(key);
  }

  interrupt(key: string): RecordedInterrupt | undefined {
    return this.interrupts.get(key);
  }

  interruptedStep(stepId: string): InterruptedStep | undefined {
    return this.interrupted.get(stepId);
  }
}
