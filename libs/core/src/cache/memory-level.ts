import { CacheableMemory } from 'cacheable';

/** Entries are counted, not weighed: longer texts are left to the second level. */
const MAX_CHARS = 100_000;

/** The first level: JSON texts in this process, the least recently used one goes when it is full. */
export class MemoryLevel {
  private readonly store: CacheableMemory;
  evictions = 0;

  constructor(
    private readonly max: number,
    private readonly ttlMs: number,
  ) {
    this.store = new CacheableMemory({ lruSize: max, useClone: false, storeHashSize: 1 });
  }

  get size(): number {
    return this.store.size;
  }

  get(key: string): string | undefined {
    return this.store.get<string>(key);
  }

  /** Keeps it no longer than this level's own limit. */
  set(key: string, text: string, ttlMs: number): void {
    if (text.length > MAX_CHARS) return this.delete(key);
    const full = this.store.size >= this.max;
    if (full && !this.store.has(key)) this.evictions++;
    this.store.set(key, text, Math.min(ttlMs, this.ttlMs));
  }

  delete(key: string): void {
    this.store.delete(key);
  }

  clear(): void {
    this.store.clear();
  }
}
