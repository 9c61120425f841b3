import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Database, GroupCommitter, SetAside, Settings, isFaultOfEntry } from '@guildhall/core';
import { isContention, isDatabaseAway, isLocked, isStartedBefore } from './database-errors.js';
import { toJsonText } from './json-text.js';
import { Promptness } from './promptness.js';
import { type ProgressWritten, RECORD_PROGRESS, type RunProgress } from './run-progress.statement.js';
import { type RunStart, type RunStarted, START_RUNS } from './run-start.statement.js';

const MAX_BATCH = 200;
/** As PostgreSQL's own `commit_delay`: a fraction of what a commit takes, and under load it halves their number. */
const GATHER_MS = 2;
/** A start that takes longer is one to wait for. */
const LATE_MS = 100;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

interface Serialised {
  readonly runId: string;
  readonly json: string;
  readonly threadId?: string;
}

/**
 * Where all runs' writes meet: a lane for starts and one for progress, each with one statement under way that
 * carries what gathered during the one before. A promise resolves when its rows are committed.
 */
@Injectable()
export class RunCommitter {
  private readonly faults = {
    isFaultOfOne: isFaultOfEntry,
    isLocked,
    onSetAside: ({ runId }: Serialised, error: unknown) => {
      if (!isStartedBefore(error)) this.setAside.tell('runs', { runId }, error);
    },
  };
  private readonly starts = new GroupCommitter<Serialised, RunStarted>(
    (writes) => this.promptness.watch(() => this.flushStarts(writes)),
    {
      maxBatch: MAX_BATCH,
      gatherMs: GATHER_MS,
      exclusiveKey: ({ threadId }) => threadId,
      ...this.faults,
    },
  );
  private readonly progress = new GroupCommitter<Serialised, ProgressWritten>(
    (writes) => this.persist(() => this.flushProgress(writes), isAwayForAll),
    { maxBatch: MAX_BATCH, gatherMs: GATHER_MS, ...this.faults },
  );
  /** Where those wait whose rows are locked: in the other lane they would make all wait with them. */
  private readonly lockedProgress = new GroupCommitter<Serialised, ProgressWritten>(
    (writes) => this.flushProgress(writes),
    { maxBatch: MAX_BATCH, ...this.faults },
  );

  private readonly promptness = new Promptness(LATE_MS);

  constructor(
    private readonly database: Database,
    @Inject(Settings) private readonly settings: Settings,
    private readonly setAside: SetAside,
  ) {}

  /** Whether a start can be expected to succeed in a moment: what is done ahead of it is then seldom done in vain. */
  get startsPromptly(): boolean {
    return this.promptness.isPrompt;
  }

  /** Fails when the database is away or the thread is locked: whoever asked is there to ask again. */
  start(start: RunStart): Promise<RunStarted> {
    const write = { runId: start.run_id, json: toJsonText(start) };
    return this.starts.commit(start.new_thread ? write : { ...write, threadId: start.thread_id });
  }

  /** Waits for the database to come back, as long as a lease could be worth it: nobody else can take the run either. */
  async record(progress: RunProgress): Promise<ProgressWritten> {
    const { spent, message, events, ...rest } = progress;
    const json = toJsonText({
      ...rest,
      events,
      event_count: events.length,
      input_tokens: spent.inputTokens,
      output_tokens: spent.outputTokens,
      cached_tokens: spent.cachedTokens,
      reasoning_tokens: spent.reasoningTokens ?? null,
      cost_micro_usd: spent.costMicroUsd,
      message_id: message?.id ?? null,
      message_text: message?.text ?? null,
      v: 1,
    });
    const written = await this.commitProgress({ runId: progress.run_id, json });
    return written.outcome === 'repeated' ? { ...written, ...(await this.stateOf(progress.run_id)) } : written;
  }

  private async commitProgress(write: Serialised): Promise<ProgressWritten> {
    try {
      return await this.progress.commit(write);
    } catch (error) {
      if (!isLocked(error)) throw error;
      return this.persist(() => this.lockedProgress.commit(write));
    }
  }

  /** What an earlier try of a write left, when the answer to that try was lost. */
  private async stateOf(runId: string): Promise<Partial<ProgressWritten>> {
    const text = `SELECT r.status, r.last_seq, r.started_at, r.finished_at, t.backlog
      FROM runs r LEFT JOIN threads t ON t.id = r.thread_id AND t.active_run_id IS NULL WHERE r.id = $1`;
    const { rows } = await this.persist(() => this.database.pool.query<ProgressWritten>(text, [runId]));
    return rows[0] ? { ...rows[0], backlog: rows[0].backlog ?? 0 } : {};
  }

  /** Rolled back by a deadlock with another process, it may be tried again at once. */
  private async flushStarts(writes: readonly Serialised[]): Promise<readonly RunStarted[]> {
    try {
      return await this.flush(START_RUNS, 'run_start', writes);
    } catch (error) {
      if (!isContention(error)) throw error;
      return this.flush(START_RUNS, 'run_start', writes);
    }
  }

  /**
   * An answer older than what a write leaves of the lease says nothing of today: this process or the database stood still, and
   * another may have gone on with the run. Whoever would act on it must not.
   */
  private async flushProgress(writes: readonly Serialised[]): Promise<readonly ProgressWritten[]> {
    const sentAt = performance.now();
    const rows = await this.flush<ProgressWritten>(RECORD_PROGRESS, 'run_progress', writes);
    if (performance.now() - sentAt < (this.settings.RUN_LEASE_MS * 2) / 3) return rows;
    return rows.map((row) => ({ ...row, outcome: 'lost' }));
  }

  private async flush<Row extends { run_id: string }>(
    text: string,
    name: string,
    writes: readonly Serialised[],
  ): Promise<readonly Row[]> {
    const values = [`[${writes.map(({ json }) => json).join(',')}]`, this.settings.RUN_LEASE_MS];
    const { rows } = await this.database.pool.query<Row>({ name, text, values });
    if (rows.length === 1) return rows;
    const byRun = new Map(rows.map((row) => [row.run_id, row]));
    return writes.map(({ runId }) => byRun.get(runId)!);
  }

  private async persist<T>(write: () => Promise<T>, passes = isDatabaseAway): Promise<T> {
    const deadline = performance.now() + 4 * this.settings.RUN_LEASE_MS;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        return await write();
      } catch (error) {
        if (!passes(error) || performance.now() > deadline) throw error;
        await sleep(pause * (0.5 + Math.random() / 2));
      }
    }
  }
}

const isAwayForAll = (error: unknown): boolean => isDatabaseAway(error) && !isLocked(error);
