import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from '@guildhall/sdk';
import { Settings } from '../config/settings.js';
import { Database } from '../database/database.js';
import { HealthRegistry } from '../health/health-registry.js';
import { LOGGER } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { Cache } from './cache.js';
import { registerCacheMetrics } from './cache-metrics.js';
import { CacheNews } from './cache-news.js';
import { MemoryLevel } from './memory-level.js';
import { RemoteLevel } from './remote-level.js';
import { TwoLevelCache } from './two-level-cache.js';

/** The second level, or null where no Redis is configured. */
const REMOTE_LEVEL = Symbol.for('guildhall.cache-remote-level');

async function remoteLevel(settings: Settings): Promise<RemoteLevel | null> {
  if (settings.REDIS_URL === undefined) return null;
  // The client's 1500 files stay out of memory where there is no Redis.
  const { openRedisStore } = await import('./redis-store.js');
  // Errors between commands are the client's to mend; those of commands reach the level by rejection.
  const store = openRedisStore(settings.REDIS_URL, settings.CACHE_REDIS_DRIVER, () => undefined);
  return new RemoteLevel(store, settings.CACHE_L2_TTL * 1000, settings.CACHE_L2_WAIT_MS);
}

function cache(
  settings: Settings,
  remote: RemoteLevel | null,
  metrics: Metrics,
  news: CacheNews | null,
): TwoLevelCache {
  const memory = new MemoryLevel({
    entries: settings.CACHE_L1_MAX,
    bytes: settings.CACHE_L1_MAX_MB * 1024 * 1024,
    ttlMs: settings.CACHE_L1_TTL * 1000,
  });
  const made = new TwoLevelCache(memory, remote ?? undefined, settings.CACHE_L2_TTL * 1000, news ?? undefined);
  registerCacheMetrics(metrics.registry, memory, made.counts);
  return made;
}

/** Null where there is no database: then nobody shares anything with this process. */
function cacheNews(database: Database | undefined, logger: Logger): CacheNews | null {
  return database ? new CacheNews(database, logger) : null;
}

const optional = (token: typeof Database | symbol) => ({ token, optional: true });

/** Provides `Cache`. Needs `Settings`, `Metrics` and `HealthRegistry`. */
@Global()
@Module({
  providers: [
    { provide: REMOTE_LEVEL, inject: [Settings], useFactory: remoteLevel },
    { provide: CacheNews, inject: [optional(Database), optional(LOGGER)], useFactory: cacheNews },
    { provide: TwoLevelCache, inject: [Settings, REMOTE_LEVEL, Metrics, CacheNews], useFactory: cache },
    { provide: Cache, useExisting: TwoLevelCache },
  ],
  exports: [Cache],
})
export class CacheModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(REMOTE_LEVEL) private readonly remote: RemoteLevel | null,
    @Inject(CacheNews) private readonly news: CacheNews | null,
    private readonly cache: TwoLevelCache,
    private readonly health: HealthRegistry,
  ) {}

  async onModuleInit(): Promise<void> {
    const { remote, cache } = this;
    await this.news?.listen({ changed: (key) => cache.forgetHere(key), missed: () => cache.forgetAllHere() });
    if (remote === null) return;
    this.health.register({
      name: 'redis',
      check: () =>
        remote.up
          ? { status: 'healthy' }
          : { status: 'degraded', detail: 'Redis does not answer; values are cached in memory only' },
    });
    await remote.start();
  }

  onApplicationShutdown(): void {
    this.remote?.close();
  }
}
