import { NO_USAGE } from '@guildhall/sdk';
import type { RunStart, RunStarted } from './commit/run-start.statement.js';
import type { AttemptResult } from './engine/attempt.js';
import type { ClaimedRun } from './engine/claimed-run.js';
import { LeaseLostError } from './engine/control.js';
import type { Run, RunUserContext } from './run.js';

/** What became of a start, for its caller. */
export function newRun(start: RunStart, { outcome, created_at }: RunStarted): Run {
  const running = outcome === 'running';
  return {
    ...placeOf(start),
    status: running ? 'running' : 'queued',
    input: start.input,
    output: null,
    error: null,
    usage: NO_USAGE,
    attempts: running ? 1 : 0,
    metadata: start.metadata,
    createdAt: created_at!,
    startedAt: running ? created_at! : null,
    finishedAt: null,
  };
}

/** Whose run it is, and where it stands. */
const placeOf = ({ run_id, tenant_id, thread_id, agent_id, agent_version }: RunStart) => ({
  id: run_id,
  tenantId: tenant_id,
  threadId: thread_id,
  agentId: agent_id,
  agentVersion: agent_version,
});

interface Starting {
  readonly starting: Promise<RunStarted>;
  /** By the clock of `performance.now()`. */
  readonly askedAt: number;
  readonly turn: string | null;
  readonly context: RunUserContext;
}

/** The lease that a start takes if it can, which it may have done or be about to do. */
export function claimOf(start: RunStart, { starting, askedAt, turn, context }: Starting): ClaimedRun {
  const begun = starting.then(
    ({ created_at }) => created_at!,
    () => {
      throw new LeaseLostError(start.run_id);
    },
  );
  // The caller hears of it by `starting`.
  begun.catch(() => {});
  return {
    ...placeOf(start),
    epoch: 1,
    askedAt,
    begun,
    turn,
    input: start.input,
    context,
    metadata: start.metadata,
    origin: start.origin,
    streamed: start.streamed,
    attempts: 1,
    activeMs: 0,
    usage: NO_USAGE,
    answers: 0,
    lastSeq: 2,
    fresh: true,
    quiet: !start.streamed,
    suspect: false,
  };
}

/** The run as its last write left it. */
export function endedRun(run: Run, { ending, written, usage }: AttemptResult): Run {
  const { status, finished_at: finishedAt } = written;
  return { ...run, status, output: ending.output ?? null, error: ending.error ?? null, usage, finishedAt };
}
