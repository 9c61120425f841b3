import { Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { MigrationExecutor } from 'typeorm/migration/MigrationExecutor.js';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { ConfigurationError } from '@guildhall/sdk';
import type { ElasticPoolConfig } from './elastic-pool.js';

/** Any number, the same in every release. */
const ADVISORY_LOCK = 7_311_201_947;

export interface SchemaState {
  /** Known here, not applied. */
  readonly pending: readonly string[];
  /** Applied by a newer release. It keeps to what this one needs, so this one runs on it. */
  readonly unknown: readonly string[];
}

export async function schemaState(source: DataSource): Promise<SchemaState> {
  const known = source.migrations.map((migration) => migration.name ?? migration.constructor.name);
  const applied = await appliedMigrations(source.manager, source.options.migrationsTableName!);
  return {
    pending: known.filter((name) => !applied.has(name)),
    unknown: [...applied].filter((name) => !known.includes(name)),
  };
}

/**
 * Brings the schema up to this release: all pending migrations, in one transaction, forward only. Any number of
 * processes may do it at once: one does, the others wait and find nothing left. Returns what was applied.
 */
export async function migrate(source: DataSource): Promise<readonly string[]> {
  const state = await schemaState(source);
  if (state.unknown.length > 0) {
    const list = state.unknown.join(', ');
    new Logger('Database').warn(`The schema is newer than this release, which does not know: ${list}`);
  }
  if (state.pending.length === 0) return [];
  const own = await migrationSource(source).initialize();
  try {
    return await applyPending(own);
  } finally {
    await own.destroy();
  }
}

/** One connection without the time limits: an index on a big table takes longer than a request may. */
function migrationSource(source: DataSource): DataSource {
  const { extra, ...options } = source.options as PostgresDataSourceOptions & { readonly extra: ElasticPoolConfig };
  const pool: ElasticPoolConfig = {
    ...extra,
    min: 0,
    size: 1,
    max: 1,
    statement_timeout: 0,
    lock_timeout: 0,
    query_timeout: 0,
    idle_in_transaction_session_timeout: 0,
  };
  return new DataSource({ ...options, entities: [], extra: pool });
}

async function applyPending(source: DataSource): Promise<readonly string[]> {
  const runner = source.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'all';
    const applied = (await executor.executePendingMigrations()).map((migration) => migration.name);
    await runner.commitTransaction();
    return applied;
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    throw new ConfigurationError(
      `The database schema could not be brought up to date: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    await runner.release();
  }
}

async function appliedMigrations(manager: EntityManager, table: string): Promise<Set<string>> {
  const [{ exists }] = await manager.query<[{ exists: boolean }]>('SELECT to_regclass($1) IS NOT NULL AS exists', [
    table,
  ]);
  if (!exists) return new Set();
  const rows = await manager.query<{ name: string }[]>(`SELECT name FROM "${table}"`);
  return new Set(rows.map(({ name }) => name));
}
