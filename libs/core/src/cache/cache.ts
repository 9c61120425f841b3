/** Two levels: memory, then Redis where configured. Keys carry the tenant: `tenant:kind:id`. JSON values only. */
export abstract class Cache {
  /** The cached value, or `load`'s, stored for `ttlMs`. Concurrent misses of a key load once. A stored falsy value is a hit. */
  abstract wrap<T>(key: string, load: () => Promise<T>, ttlMs?: number): Promise<T>;
  abstract get<T>(key: string): Promise<T | undefined>;
  abstract set<T>(key: string, value: T, ttlMs?: number): Promise<void>;
  abstract delete(key: string): Promise<void>;
}
