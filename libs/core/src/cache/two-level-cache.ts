import { AppError } from '@guildhall/sdk';
import { currentTally } from '../telemetry/log-context.js';
import type { CacheLevel } from '../telemetry/request-tally.js';
import { Cache } from './cache.js';
import type { CacheNews } from './cache-news.js';
import type { MemoryLevel } from './memory-level.js';
import type { RemoteLevel } from './remote-level.js';

/** Values asked for since the start, by where they were found. */
export type CacheCounts = Record<CacheLevel, number>;

interface Found {
  readonly text: string | undefined;
  readonly level: CacheLevel;
}

type Pending<T> = Map<string, Promise<T>>;

/** Memory, then Redis where there is one. Both hold JSON texts, so that a hit is the same whichever level has it. */
export class TwoLevelCache extends Cache {
  readonly counts: CacheCounts = { L1: 0, L2: 0, MISS: 0 };
  // A change of a key takes its entry out of both, and what is under way is then not stored.
  private readonly loading: Pending<Found> = new Map();
  private readonly reading: Pending<string | undefined> = new Map();

  constructor(
    private readonly memory: MemoryLevel,
    private readonly remote: RemoteLevel | undefined,
    private readonly ttlMs: number,
    private readonly news?: CacheNews,
  ) {
    super();
  }

  async wrap<T>(key: string, load: () => Promise<T>, ttlMs = this.ttlMs): Promise<T> {
    return told(this.inMemory(key) ?? (await this.loadOnce(key, load, ttlMs))) as T;
  }

  async get<T>(key: string): Promise<T | undefined> {
    return told(this.inMemory(key) ?? (await this.inRemote(key)) ?? this.nowhere()) as T | undefined;
  }

  async set<T>(key: string, value: T, ttlMs = this.ttlMs): Promise<void> {
    this.forgetPending(key);
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) return this.delete(key);
    await this.store(key, text, ttlMs);
    await this.news?.tell(key);
  }

  async delete(key: string): Promise<void> {
    this.forgetHere(key);
    await this.remote?.delete(key);
    await this.news?.tell(key);
  }

  /** Another process changed it: what this one has in memory, or is about to put there, is old. */
  forgetHere(key: string): void {
    this.forgetPending(key);
    this.memory.delete(key);
  }

  /** News may have been missed. */
  forgetAllHere(): void {
    this.loading.clear();
    this.reading.clear();
    this.memory.clear();
  }

  private async loadOnce(key: string, load: () => Promise<unknown>, ttlMs: number): Promise<Found> {
    const running = this.loading.get(key);
    if (!running) return pend(this.loading, key, (isCurrent) => this.load(key, load, ttlMs, isCurrent));
    try {
      return await running;
    } catch (error) {
      // Whoever loads may hang up; that is not the failure of those who waited with it.
      if (!AppError.is(error) || error.category !== 'cancelled') throw error;
      return this.loadOnce(key, load, ttlMs);
    }
  }

  private async load(
    key: string,
    load: () => Promise<unknown>,
    ttlMs: number,
    isCurrent: () => boolean,
  ): Promise<Found> {
    const known = await this.inRemote(key);
    if (known) return known;
    const { level } = this.nowhere();
    const text = JSON.stringify(await load()) as string | undefined;
    if (text !== undefined && isCurrent()) await this.store(key, text, ttlMs);
    return { text, level };
  }

  private nowhere(): Found {
    this.counts.MISS++;
    return { text: undefined, level: 'MISS' };
  }

  private inMemory(key: string): Found | undefined {
    const text = this.memory.get(key);
    if (text === undefined) return undefined;
    this.counts.L1++;
    return { text, level: 'L1' };
  }

  /** Found in Redis, a value moves up into memory for as long as it has left. */
  private async inRemote(key: string): Promise<Found | undefined> {
    const { remote } = this;
    if (!remote?.up) return undefined;
    const text = await (this.reading.get(key) ??
      pend(this.reading, key, async (isCurrent) => {
        const found = await remote.get(key);
        if (found && isCurrent()) this.memory.set(key, found.text, found.ttlMs);
        return found?.text;
      }));
    if (text === undefined) return undefined;
    this.counts.L2++;
    return { text, level: 'L2' };
  }

  private async store(key: string, text: string, ttlMs: number): Promise<void> {
    this.memory.set(key, text, ttlMs);
    await this.remote?.set(key, text, ttlMs);
  }

  private forgetPending(key: string): void {
    this.loading.delete(key);
    this.reading.delete(key);
  }
}

/** Starts work that others with the same key can join, and that can tell whether it still is what they would join. */
function pend<T>(pending: Pending<T>, key: string, work: (isCurrent: () => boolean) => Promise<T>): Promise<T> {
  const isCurrent = () => pending.get(key) === promise;
  const promise: Promise<T> = Promise.resolve()
    .then(() => work(isCurrent))
    .finally(() => {
      if (isCurrent()) pending.delete(key);
    });
  pending.set(key, promise);
  return promise;
}

/** Notes for the request which level answered it. */
function told({ text, level }: Found): unknown {
  currentTally()?.read(level);
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
