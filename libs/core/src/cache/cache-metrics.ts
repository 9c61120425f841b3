import { Counter, Gauge, type Registry } from 'prom-client';
import type { MemoryLevel } from './memory-level.js';
import type { CacheCounts } from './two-level-cache.js';

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
    name: 'cache_hits_total',
    help: 'Values found, by level',
    labelNames: ['level'],
    registers,
    collect() {
      this.reset();
      this.inc({ level: 'L1' }, counts.hitsL1);
      this.inc({ level: 'L2' }, counts.hitsL2);
    },
  });
  new Counter({
    name: 'cache_misses_total',
    help: 'Values found in no level',
    registers,
    collect() {
      this.reset();
      this.inc(counts.misses);
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
