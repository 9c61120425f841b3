import type { RunProgress } from '../commit/run-progress.statement.js';

/**
 * Nothing in a run is dated before its begin, which the database's clock tells and not this process's: its first step may
 * have begun while it was still being committed.
 */
export function datedFrom(begun: Date, progress: RunProgress): RunProgress {
  const first = begun.toISOString();
  const dated = (at: string) => (at < first ? first : at);
  const events = progress.events.map((event) => ({ ...event, at: dated(event.at) }));
  const steps = progress.steps.map((step) => ({
    ...step,
    started_at: dated(step.started_at),
    ...(step.finished_at === undefined ? {} : { finished_at: dated(step.finished_at) }),
  }));
  return { ...progress, events, steps };
}
