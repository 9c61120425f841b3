import { AppError } from '@guildhall/sdk';
import { Cache } from './cache.js';
import type { MemoryLevel } from './memory-level.js';
import type { RemoteLevel } from './remote-level.js';

/** Counted since the start. */
export interface CacheCounts {
  hitsL1: number;
  hitsL2: number;
  misses: number;
}

type Pending = Map<string, Promise<string | undefined>>;

/** Memory, then Redis where there is one. Both hold JSON texts, so that a hit is the same whichever level has it. */
export class TwoLevelCache extends Cache {
  readonly counts: CacheCounts = { hitsL1: 0, hitsL2: 0, misses: 0 };
  // A change of a key takes its entry out of both, and what is under way is then not stored.
  private readonly loading: Pending = new Map();
  private readonly reading: Pending = new Map();

  constructor(
    private readonly memory: MemoryLevel,
    private readonly remote: RemoteLevel | undefined,
    private readonly ttlMs: number,
  ) {
    super();
  }

  async wrap<T>(key: string, load: () => Promise<T>, ttlMs = this.ttlMs): Promise<T> {
    const text = this.inMemory(key) ?? (await this.loadOnce(key, load, ttlMs));
    return parsed(text) as T;
  }

  async get<T>(key: string): Promise<T | undefined> {
    const text = this.inMemory(key) ?? (await this.inRemote(key));
    if (text === undefined) this.counts.misses++;
    return parsed(text) as T | undefined;
  }

  async set<T>(key: string, value: T, ttlMs = this.ttlMs): Promise<void> {
    this.forgetPending(key);
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) return this.delete(key);
    await this.store(key, text, ttlMs);
  }

  async delete(key: string): Promise<void> {
    this.forgetPending(key);
    this.memory.delete(key);
    await this.remote?.delete(key);
  }

  private async loadOnce(key: string, load: () => Promise<unknown>, ttlMs: number): Promise<string | undefined> {
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
  ): Promise<string | undefined> {
    const known = await this.inRemote(key);
    if (known !== undefined) return known;
    this.counts.misses++;
    const text = JSON.stringify(await load()) as string | undefined;
    if (text !== undefined && isCurrent()) await this.store(key, text, ttlMs);
    return text;
  }

  private inMemory(key: string): string | undefined {
    const text = this.memory.get(key);
    if (text !== undefined) this.counts.hitsL1++;
    return text;
  }

  /** Found in Redis, a value moves up into memory for as long as it has left. */
  private async inRemote(key: string): Promise<string | undefined> {
    const { remote } = this;
    if (!remote?.up) return undefined;
    const text = await (this.reading.get(key) ??
      pend(this.reading, key, async (isCurrent) => {
        const found = await remote.get(key);
        if (found && isCurrent()) this.memory.set(key, found.text, found.ttlMs);
        return found?.text;
      }));
    if (text !== undefined) this.counts.hitsL2++;
    return text;
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
function pend(
  pending: Pending,
  key: string,
  work: (isCurrent: () => boolean) => Promise<string | undefined>,
): Promise<string | undefined> {
  const isCurrent = () => pending.get(key) === promise;
  const promise: Promise<string | undefined> = Promise.resolve()
    .then(() => work(isCurrent))
    .finally(() => {
      if (isCurrent()) pending.delete(key);
    });
  pending.set(key, promise);
  return promise;
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
