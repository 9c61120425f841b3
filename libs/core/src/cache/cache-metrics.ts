import { Counter, Gauge, type Registry } from 'prom-client';
import type { MemoryLevel } from './memory-level.js';
import type { CacheLevel } from '../telemetry/request-tally.js';
import type { CacheCounts } from './two-level-cache.js';

const LEVELS = ['L1', 'L2', 'MISS'] as const satisfies readonly CacheLevel[];

/** Read when they are scraped: a hit in memory costs no more than adding one. */
export function registerCacheMetrics(registry: Registry, memory: MemoryLevel, counts: CacheCounts): void {
  const registers = [registry];
  new Gauge({
    name: 'cache_size',
    help: 'Entries in memory',
    registers,
    collect() {
      this.set(memory.size);
    },
  });
  new Counter({
    name: 'cache_requests_total',
    help: 'Values asked for, by where they were found',
    labelNames: ['level'],
    registers,
    collect() {
      this.reset();
      for (const level of LEVELS) this.inc({ level }, counts[level]);
    },
  });
  new Counter({
    name: 'cache_evictions_total',
    help: 'Entries that a newer one pushed out of memory',
    registers,
    collect() {
      this.reset();
      this.inc(memory.evictions);
    },
  });
}
