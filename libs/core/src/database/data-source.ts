import { Logger, type Type } from '@nestjs/common';
import pg from 'pg';
import type { MigrationInterface, Logger as TypeOrmLogger } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import type { Settings } from '../config/settings.js';
import { ElasticPool, type ElasticPoolConfig } from './elastic-pool.js';
import type { EmbeddedDatabase } from './embedded/embedded-database.js';

export type PoolSettings = Pick<
  Settings,
  'DATABASE_URL' | 'DATABASE_POOL_MIN' | 'DATABASE_POOL_SIZE' | 'DATABASE_POOL_OVERFLOW'
>;

const QUERY_LIMIT_MS = 60_000;
/** Nothing of ours holds a lock for long: whoever does so hangs, and must not have everybody else hang with it. */
const LOCK_LIMIT_MS = 3_000;
/** The server cancels first; this is for a server that no longer answers. */
const ANSWER_LIMIT_MS = QUERY_LIMIT_MS + 5_000;

/** What `pg` is told, the same for a server and for the embedded database but for the way to reach it. */
export function poolConfig(settings: PoolSettings, embedded: EmbeddedDatabase | undefined): ElasticPoolConfig {
  const reach = embedded
    ? { stream: embedded.connect as never, host: 'embedded', user: 'postgres', database: 'postgres', ssl: false }
    : { connectionString: settings.DATABASE_URL };
  return {
    ...reach,
    application_name: 'guildhall',
    min: settings.DATABASE_POOL_MIN,
    size: settings.DATABASE_POOL_SIZE,
    max: settings.DATABASE_POOL_SIZE + settings.DATABASE_POOL_OVERFLOW,
    maxUses: 50_000,
    idleTimeoutMillis: 300_000,
    connectionTimeoutMillis: 5_000,
    statement_timeout: QUERY_LIMIT_MS,
    lock_timeout: LOCK_LIMIT_MS,
    query_timeout: ANSWER_LIMIT_MS,
    idle_in_transaction_session_timeout: QUERY_LIMIT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

const SILENT: TypeOrmLogger = {
  logQuery() {},
  logQueryError() {},
  logQuerySlow() {},
  logSchemaBuild() {},
  logMigration() {},
  log() {},
};

/** TypeORM over that pool. Never `synchronize`: the schema is the migrations' alone. */
export function dataSourceOptions(pool: ElasticPoolConfig, migrations: readonly Type<MigrationInterface>[]) {
  return {
    type: 'postgres',
    driver: { ...pg, Pool: ElasticPool },
    extra: pool,
    installExtensions: false,
    synchronize: false,
    migrationsRun: false,
    migrationsTableName: 'schema_migrations',
    migrations: [...migrations],
    // TypeORM's own logger speaks to the console; what goes wrong is thrown, and logged by whoever catches it.
    logger: SILENT,
    poolErrorHandler: (error: Error) => new Logger('Database').warn(`A pooled connection was lost: ${error.message}`),
  } satisfies PostgresDataSourceOptions;
}
