export type CacheLevel = 'L1' | 'L2' | 'MISS';

const DEPTH = { L1: 0, L2: 1, MISS: 2 } satisfies Record<CacheLevel, number>;

/** What one request asked of the database and of the cache. It travels with the request's log fields. */
export class RequestTally {
  /** Statements sent, those that begin and end transactions included. */
  queries = 0;
  /** The deepest level that any of its cached reads had to go to; undefined: it read nothing through the cache. */
  cache: CacheLevel | undefined;

  read(level: CacheLevel): void {
    if (this.cache === undefined || DEPTH[level] > DEPTH[this.cache]) this.cache = level;
  }
}
