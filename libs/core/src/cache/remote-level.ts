import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { RedisStore } from './redis-store.js';

export interface RemoteEntry {
  readonly text: string;
  readonly ttlMs: number;
}

/** Silent for this long, it is out. */
const ANSWER_WITHIN_MS = 400;
/** How often it is looked at, well or out: nobody may have asked it anything when it went. */
const LOOK_EVERY_MS = 1_000;
const MISSED_MAX = 10_000;

/**
 * The second level: Redis, shared by all processes, and optional at any moment. The first command that fails or hangs
 * takes it out; from then on everything passes it by until a probe in the background finds it well again.
 */
export class RemoteLevel {
  private readonly logger = new Logger('Cache');
  /** Keys changed while it was out: what Redis holds for them is old and goes before it is believed again. */
  private readonly missed = new Set<string>();
  /** When there were too many to name: then Redis is left alone until all it held has ended by itself. */
  private overflowedAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  /** Commands that nobody waits for any more, and that may still be answered. */
  private late = 0;
  up = false;

  constructor(
    private readonly store: RedisStore,
    private readonly ttlMs: number,
    /** The most that a Redis which stopped answering costs a caller; those who come after do not wait at all. */
    private readonly patienceMs: number,
  ) {}

  /** Waits for the first connection, but not long: a process starts without Redis too. */
  async start(): Promise<void> {
    const deadline = Date.now() + ANSWER_WITHIN_MS;
    while (!(await this.probe(deadline - Date.now())) && Date.now() < deadline) await sleep(20);
    if (!this.up) this.logger.warn('Redis does not answer; values are cached in memory only until it does');
    this.lookLater();
  }

  close(): void {
    this.closed = true;
    this.up = false;
    clearTimeout(this.timer);
    this.store.close();
  }

  async get(key: string): Promise<RemoteEntry | undefined> {
    if (!this.up || this.late > 0) return undefined;
    const found = await this.patiently(this.attempt(() => this.store.keyv.get(key, { raw: true })));
    const ttlMs = found?.expires ? found.expires - Date.now() : this.ttlMs;
    return typeof found?.value === 'string' && ttlMs > 0 ? { text: found.value, ttlMs } : undefined;
  }

  async set(key: string, text: string, ttlMs: number): Promise<void> {
    await this.patiently(this.change(key, () => this.store.keyv.set(key, text, Math.ceil(ttlMs))));
  }

  async delete(key: string): Promise<void> {
    await this.patiently(this.change(key, () => this.store.keyv.delete(key)));
  }

  private async change(key: string, work: () => Promise<unknown>): Promise<void> {
    // Noted first: if the command fails, nobody knows whether Redis took it.
    this.note(key);
    if ((await this.attempt(async () => ({ done: await work() }))) !== undefined) this.missed.delete(key);
    else this.note(key);
  }

  private async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (!this.up) return undefined;
    try {
      return await answered(work(), ANSWER_WITHIN_MS);
    } catch (error) {
      this.lose(error as Error);
      return undefined;
    }
  }

  /** Commands are answered in their order: one that is late tells that all after it would be. */
  private async patiently<T>(command: Promise<T>): Promise<T | undefined> {
    if (this.late > 0) return undefined;
    const done = new AbortController();
    const first = await Promise.race([command.then((value) => ({ value })), silence(this.patienceMs, done.signal)]);
    done.abort();
    if (first) return first.value;
    this.late++;
    void command.finally(() => this.late--);
    return undefined;
  }

  private lose(error: Error): void {
    if (!this.up || this.closed) return;
    this.up = false;
    this.logger.warn(`Redis failed (${error.message}); values are cached in memory only until it answers again`);
  }

  private lookLater(): void {
    if (!this.closed) this.timer = setTimeout(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  private async look(): Promise<void> {
    if (this.up) await this.attempt(() => this.store.ping());
    else if (await this.probe()) this.logger.log('Redis answers again');
    this.lookLater();
  }

  private async probe(withinMs = ANSWER_WITHIN_MS): Promise<boolean> {
    if (Date.now() < this.overflowedAt + this.ttlMs) return false;
    try {
      await answered(this.store.ping(), withinMs);
      await this.dropMissed();
    } catch {
      // It is still out; the first failure was logged.
      return false;
    }
    this.up = !this.closed;
    return this.up;
  }

  private note(key: string): void {
    if (this.missed.size < MISSED_MAX) this.missed.add(key);
    else this.overflowedAt = Date.now();
  }

  private async dropMissed(): Promise<void> {
    while (this.missed.size > 0) {
      const keys = [...this.missed];
      // One by one: deleting many, redis-yet forgets its own prefix.
      const deleted = Promise.all(keys.map((key) => this.store.keyv.delete(key)));
      await answered(deleted, ANSWER_WITHIN_MS);
      for (const key of keys) this.missed.delete(key);
    }
  }
}

async function answered<T>(work: Promise<T>, withinMs: number): Promise<T> {
  const done = new AbortController();
  const late = async () => {
    await silence(withinMs, done.signal);
    throw new Error(`no answer within ${withinMs} ms`);
  };
  try {
    return await Promise.race([work, late()]);
  } finally {
    done.abort();
  }
}

/** What arrived while this process was busy is read before the time counts as over. */
async function silence(ms: number, signal: AbortSignal): Promise<undefined> {
  try {
    await sleep(ms, undefined, { signal, ref: false });
    await nextTurn(undefined, { signal });
  } catch {
    // The answer was first.
  }
}
