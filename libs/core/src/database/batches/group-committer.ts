import { setTimeout as sleep } from 'node:timers/promises';
import { halves } from './halves.js';

/** One result for each write, in the order of the writes. */
export type Flush<Write, Result> = (writes: readonly Write[]) => Promise<readonly Result[]>;

export interface GroupCommitterOptions<Write> {
  readonly maxBatch: number;
  /** How long a batch waits for company, in ms, where the one before had some. Default not at all. */
  readonly gatherMs?: number;
  /** Two writes with the same key never share a batch; the later one waits. */
  readonly exclusiveKey?: (write: Write) => string | undefined;
  /** Whether a write of the batch, and not the database's state, is the cause: then halves are tried, down to that one. */
  readonly isFaultOfOne: (error: unknown) => boolean;
  /** Told of a write that cannot be stored; whoever asked for it is refused as well. */
  readonly onSetAside?: (write: Write, error: unknown) => void;
  /** Whether a write waited in vain for somebody else: then too each is tried alone, some at once, while any gets through. */
  readonly isLocked?: (error: unknown) => boolean;
}

/** As long as a locked write waits, it keeps a connection. */
const LOCKED_AT_ONCE = 8;

interface Pending<Write, Result> {
  readonly write: Write;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Gathers the writes of many callers into few flushes: what comes while one is under way goes into the next. An idle
 * committer flushes in the same turn of the event loop, so a single caller pays nothing for the company it lacks.
 */
export class GroupCommitter<Write, Result> {
  private waiting: Pending<Write, Result>[] = [];
  private busy = false;
  private lastSize = 0;

  constructor(
    private readonly flush: Flush<Write, Result>,
    private readonly options: GroupCommitterOptions<Write>,
  ) {}

  /** Resolves when the write is committed. */
  commit(write: Write): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ write, resolve, reject });
      if (this.busy) return;
      this.busy = true;
      // Not at once: the other answers that this turn brought may have something to write as well.
      setImmediate(() => void this.drain());
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      await this.gather();
      const batch = this.takeBatch();
      this.lastSize = batch.length;
      await this.settle(batch);
    }
    this.lastSize = 0;
    this.busy = false;
  }

  /** Who wrote a moment ago will soon write again, and a batch of many costs hardly more than one of few. */
  private async gather(): Promise<void> {
    const { gatherMs = 0 } = this.options;
    if (gatherMs > 0 && this.lastSize > 1 && this.waiting.length <= this.lastSize) await sleep(gatherMs);
  }

  private takeBatch(): Pending<Write, Result>[] {
    const { maxBatch, exclusiveKey } = this.options;
    if (!exclusiveKey && this.waiting.length <= maxBatch) {
      const all = this.waiting;
      this.waiting = [];
      return all;
    }
    const keys = new Set<string>();
    const batch: Pending<Write, Result>[] = [];
    const rest: Pending<Write, Result>[] = [];
    for (const pending of this.waiting) {
      const key = exclusiveKey?.(pending.write);
      const fits = batch.length < maxBatch && (key === undefined || !keys.has(key));
      if (key !== undefined) keys.add(key);
      (fits ? batch : rest).push(pending);
    }
    this.waiting = rest;
    return batch;
  }

  /** Whether all of the batch is written. */
  private async settle(batch: readonly Pending<Write, Result>[]): Promise<boolean> {
    try {
      const results = await this.flush(batch.map(({ write }) => write));
      batch.forEach(({ resolve }, index) => resolve(results[index]!));
      return true;
    } catch (error) {
      const { isFaultOfOne, isLocked, onSetAside } = this.options;
      if (batch.length > 1 && isLocked?.(error)) await this.settleLocked(batch, error);
      else if (batch.length > 1 && isFaultOfOne(error)) for (const half of halves(batch)) await this.settle(half);
      else {
        if (isFaultOfOne(error)) for (const { write } of batch) onSetAside?.(write, error);
        for (const { reject } of batch) reject(error);
      }
      return false;
    }
  }

  /** One row that is locked stops its own write only; where none gets through, it is the table, and the rest need not wait. */
  private async settleLocked(batch: readonly Pending<Write, Result>[], error: unknown): Promise<void> {
    let rest = batch;
    for (let through = true; through && rest.length > 0; rest = rest.slice(LOCKED_AT_ONCE)) {
      const written = await Promise.all(rest.slice(0, LOCKED_AT_ONCE).map((one) => this.settle([one])));
      through = written.includes(true);
    }
    for (const { reject } of rest) reject(error);
  }
}
