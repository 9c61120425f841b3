interface Entry<T> {
  readonly value: Promise<T>;
  readonly until: number;
}

export interface RecentOptions {
  /** Entries kept; the least recently used goes first. */
  readonly max: number;
  /** How long a value stays true. Default: for ever. */
  readonly ttlMs?: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

/** A small memory of loaded values: concurrent misses of a key load once, a failed load is not remembered. */
export class Recent<T> {
  private readonly entries = new Map<string, Entry<T>>();

  constructor(private readonly options: RecentOptions) {}

  get(key: string, load: () => Promise<T>): Promise<T> {
    const { ttlMs = Infinity, now = () => performance.now() } = this.options;
    const known = this.entries.get(key);
    if (known && now() < known.until) return this.remember(key, known);
    // The age counts from before the load: what the load saw may have been replaced while it ran.
    const entry = { value: load(), until: now() + ttlMs };
    entry.value.catch(() => this.entries.get(key) === entry && this.entries.delete(key));
    return this.remember(key, entry);
  }

  forget(key: string): void {
    this.entries.delete(key);
  }

  private remember(key: string, entry: Entry<T>): Promise<T> {
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (this.entries.size > this.options.max) this.entries.delete(this.entries.keys().next().value!);
    return entry.value;
  }
}
