import type { AnnouncedStep, StepOutline } from './run.repository.js';
import { type Run, isTerminal } from './run.js';

export interface ShownStep extends StepOutline {
  /** False for one under way, whatever an earlier attempt left. */
  readonly hasOutput: boolean;
}

/** The steps of a run in the order in which they began, with those under way, or under way when it ended. */
export function shownSteps(
  run: Run,
  recorded: readonly StepOutline[],
  announced: readonly AnnouncedStep[],
): ShownStep[] {
  const open = new Map(announced.map((step) => [step.id, step]));
  const shown: ShownStep[] = [];
  for (const step of recorded) {
    const begun = open.get(step.id);
    // Read at two moments, the record may know of its end already.
    if (begun && begun.attempt > step.attempt) shown.push(unfinished(run, begun, step));
    else shown.push(cutShort(run, step));
    open.delete(step.id);
  }
  for (const step of open.values()) shown.push(unfinished(run, step));
  return shown.toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
}

function unfinished(run: Run, begun: AnnouncedStep, earlier?: StepOutline): ShownStep {
  const usage = earlier?.usage ?? null;
  const step: ShownStep = { ...begun, status: 'running', error: null, usage, finishedAt: null, hasOutput: false };
  // Handed back, or its worker is gone: it begins anew with the next attempt.
  if (run.status === 'queued') return { ...step, status: 'superseded' };
  return isTerminal(run.status) ? { ...step, status: 'failed', error: run.error, finishedAt: run.finishedAt } : step;
}

/** What would have begun anew had the run not ended failed as the run did. */
function cutShort(run: Run, step: StepOutline): ShownStep {
  const shown = { ...step, hasOutput: true };
  return step.status === 'superseded' && run.error ? { ...shown, status: 'failed', error: run.error } : shown;
}
