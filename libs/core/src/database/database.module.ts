import { type DynamicModule, Global, Logger, Module, type OnModuleInit, type Type } from '@nestjs/common';
import { TypeOrmModule, getDataSourceToken } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import type { DataSource, DataSourceOptions, MigrationInterface } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { Settings } from '../config/settings.js';
import { HealthRegistry } from '../health/health-registry.js';
import { SetAside } from './batches/set-aside.js';
import { Database } from './database.js';
import { DatabaseBreaker } from './database-breaker.js';
import { DatabaseMetrics } from './database-metrics.js';
import type { ElasticPool } from './elastic-pool.js';
import { migrate, schemaState } from './migrator.js';
import { openDataSource } from './open-data-source.js';
import { QueryWatch } from './query-watch.js';

export interface DatabaseModuleOptions {
  /** Of all plugins; their timestamps give the order. */
  readonly migrations: readonly Type<MigrationInterface>[];
}

/** The database for the whole process. `Settings`, `Metrics` and `HealthRegistry` must be injectable everywhere. */
@Global()
@Module({})
export class DatabaseModule implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly breaker: DatabaseBreaker,
    private readonly metrics: DatabaseMetrics,
    private readonly health: HealthRegistry,
    private readonly queries: QueryWatch,
  ) {}

  static forRoot({ migrations }: DatabaseModuleOptions): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [Settings],
          useFactory: (settings: Settings) => ({ autoLoadEntities: true, toRetry: () => false, settings }) as object,
          dataSourceFactory: async (options) => {
            const { settings, entities } = options as DataSourceOptions & { readonly settings: Settings };
            const source = await openDataSource(settings, { entities, migrations });
            try {
              await (migratesAtBoot(settings) ? migrate(source) : verify(source));
            } catch (error) {
              await source.destroy();
              throw error;
            }
            return source;
          },
        }),
      ],
      providers: [Database, DatabaseMetrics, QueryWatch, SetAside, breakerProvider],
      exports: [Database, SetAside],
    };
  }

  onModuleInit(): void {
    this.metrics.observe(this.database.pool, () => this.breaker.open);
    this.queries.watch(this.database.pool as ElasticPool);
    this.health.register({
      name: 'database-breaker',
      check: () =>
        this.breaker.open
          ? { status: 'degraded', detail: 'open: requests are refused until the database answers' }
          : { status: 'healthy', detail: 'closed' },
    });
  }
}

const breakerProvider = {
  provide: DatabaseBreaker,
  inject: [getDataSourceToken(), Settings],
  useFactory: (source: DataSource, settings: Settings) =>
    new DatabaseBreaker((source.driver as PostgresDriver).master as Pool, {
      failures: settings.BREAKER_FAILURES,
      openMs: settings.BREAKER_OPEN_MS,
    }),
};

/** The process starts all the same, and is not ready: most of it works, and the migration may be under way. */
async function verify(source: DataSource): Promise<void> {
  const { pending } = await schemaState(source);
  if (pending.length === 0) return;
  new Logger('Database').error(`The schema lacks ${pending.length} migrations: run "guildhall migrate"`);
}

/** In staging and production `guildhall migrate` does it, once for all processes. */
function migratesAtBoot(settings: Settings): boolean {
  return settings.NODE_ENV === 'development' || settings.NODE_ENV === 'test' || settings.embedded;
}
