/** Longer texts are left to the second level: one of them would put many others out. */
const MAX_CHARS = 100_000;
/** What an entry takes besides its characters, roughly. */
const ENTRY_BYTES = 200;

interface Entry {
  readonly text: string;
  readonly bytes: number;
  readonly until: number;
}

export interface MemoryLimits {
  readonly entries: number;
  readonly bytes: number;
  readonly ttlMs: number;
}

/** The first level: JSON texts in this process, in so many entries and bytes; the least recently used ones go first. */
export class MemoryLevel {
  /** The least recently used one comes first. */
  private readonly entries = new Map<string, Entry>();
  private taken = 0;
  evictions = 0;

  constructor(private readonly limits: MemoryLimits) {}

  get size(): number {
    return this.entries.size;
  }

  /** As far as it is known without measuring: V8 takes one byte or two for a character. */
  get bytes(): number {
    return this.taken;
  }

  get(key: string): string | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    this.entries.delete(key);
    if (entry.until <= performance.now()) {
      this.taken -= entry.bytes;
      return undefined;
    }
    this.entries.set(key, entry);
    return entry.text;
  }

  /** Keeps it no longer than this level's own limit. */
  set(key: string, text: string, ttlMs: number): void {
    this.delete(key);
    const bytes = 2 * (key.length + text.length) + ENTRY_BYTES;
    if (text.length > MAX_CHARS || bytes > this.limits.bytes || this.limits.entries === 0) return;
    this.entries.set(key, { text, bytes, until: performance.now() + Math.min(ttlMs, this.limits.ttlMs) });
    this.taken += bytes;
    while (this.entries.size > this.limits.entries || this.taken > this.limits.bytes) this.evict();
  }

  delete(key: string): void {
    this.taken -= this.entries.get(key)?.bytes ?? 0;
    this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
    this.taken = 0;
  }

  private evict(): void {
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.delete(oldest);
    this.evictions++;
  }
}
