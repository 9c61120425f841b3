import { isDatabaseAway } from '../commit/database-errors.js';
import type { StepKind } from '../commit/run-progress.statement.js';
import type { AttemptState } from './attempt-state.js';
import { LiveStep } from './step-recorder.js';
import type { AttemptUsage } from './step-usage.js';
import { fromStoredError, toStoredError } from './stored-error.js';

export interface StepPlan<T> {
  readonly key: string;
  readonly kind: Exclude<StepKind, 'tool' | 'interrupt'>;
  readonly name: string;
  /** What is kept of the request: enough to read, never the whole conversation. */
  readonly input: unknown;
  run(step: LiveStep): Promise<T>;
  /** Made of other steps, which may suspend the run while this one is open. */
  readonly composite?: boolean;
  /** Tells readers of the outcome, before the step's end is told. */
  tell?(output: T): void;
  /** What its attempts have cost so far. */
  readonly spent?: readonly AttemptUsage[];
}

/**
 * Answers a step from the record, or runs and records it. For steps that only read, or whose parts are steps
 * themselves: one that was cut off simply runs again. A recorded failure is thrown again.
 */
export async function performStep<T>(state: AttemptState, plan: StepPlan<T>): Promise<T> {
  const replay = await state.replay(plan);
  if (replay.kind === 'answer') {
    state.countStep();
    state.tick(replay.step.finishedAt ?? replay.step.startedAt);
    if (replay.step.error) throw fromStoredError(replay.step.error);
    return replay.step.output as T;
  }
  await state.admit(plan.kind === 'model');
  const attempt = replay.kind === 'interrupted' ? replay.attempt + 1 : replay.attempt;
  const step = new LiveStep(state, { ...plan, attempt });
  return plan.composite ? perform(state, plan, step) : state.pauses.during(() => perform(state, plan, step));
}

async function perform<T>(state: AttemptState, plan: StepPlan<T>, step: LiveStep): Promise<T> {
  step.announce();
  await state.settle(plan.composite ? 'acts' : 'reads');
  try {
    const output = await plan.run(step);
    plan.tell?.(output);
    step.succeed(output, plan.spent);
    return output;
  } catch (error) {
    // An abort, or a database that is away, is no outcome: whoever goes on with the run begins this step anew.
    if (state.signal.aborted || isDatabaseAway(error)) step.supersede(plan.spent ?? []);
    else step.fail(toStoredError(error), plan.spent);
    throw error;
  }
}
