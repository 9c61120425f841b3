import type { ProgressWritten, RunProgress } from '../commit/run-progress.statement.js';
import { isDatabaseAway } from '../commit/database-errors.js';
import type { ClaimedRun } from './claimed-run.js';
import type { AttemptResult } from './attempt.js';
import { RunWriter } from './run-writer.js';
import { toStoredError } from './stored-error.js';

/** Ends a run that cannot even begin: its agent's version is gone, say. With the database away it goes back instead. */
export async function failAtOnce(
  run: ClaimedRun,
  reason: unknown,
  commit: (progress: RunProgress) => Promise<ProgressWritten>,
): Promise<AttemptResult> {
  const ignore = () => {};
  const writer = new RunWriter(run, { commit, onCancelRequested: ignore, onFailure: ignore });
  if (isDatabaseAway(reason)) {
    const ending = { status: 'queued' } as const;
    return { ending, written: await writer.finish({ ...ending, activeMs: 0 }), usage: run.usage };
  }
  const ending = { status: 'failed', error: toStoredError(reason) } as const;
  writer.event('run.failed', { error: ending.error });
  return { ending, written: await writer.finish({ ...ending, activeMs: 0 }), usage: run.usage };
}
