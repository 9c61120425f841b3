import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import type { DataSource, DataSourceOptions, MigrationInterface } from 'typeorm';
import type { Database, Settings } from '@guildhall/core';
import { migratedDump } from './migrated-dump.js';

export interface TestDatabaseOptions {
  /** Already applied when the database opens; the application under test may bring the same or more. */
  readonly migrations?: readonly Type<MigrationInterface>[];
  /** Keep the data when the application closes it, so that a test can start it again. */
  readonly persistent?: boolean;
}

export interface TestDatabase {
  readonly kind: 'embedded' | 'server';
  readonly url: string;
  /** For the application under test. */
  readonly settings: Pick<Settings, 'DATABASE_URL'>;
  /**
   * A connection of the test's own, for tests that need no application; closed with the database. An embedded database
   * has one owner: each `connect` and each application sees a fresh copy, unless it is `persistent`, where the second
   * owner is refused.
   */
  connect(entities?: DataSourceOptions['entities']): Promise<{ source: DataSource; database: Database }>;
  close(): Promise<void>;
}

const POOL = { DATABASE_POOL_MIN: 1, DATABASE_POOL_SIZE: 10, DATABASE_POOL_OVERFLOW: 10, DATA_DIR: '' };

/**
 * A database of the test file's own: embedded, cloned from one dump with the migrations applied; or a fresh one on the
 * server that `TEST_DATABASE_URL` names, dropped at the end.
 */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  await silenceNest();
  const server = process.env['TEST_DATABASE_URL'];
  return server === undefined ? embeddedDatabase(options) : serverDatabase(server, options);
}

/** Nest's own logger, where a test starts parts without an application: as silent as `startTestApp`, but for what fails. */
async function silenceNest(): Promise<void> {
  const { Logger } = await import('@nestjs/common');
  Logger.overrideLogger(['error', 'fatal']);
}

async function embeddedDatabase({ migrations = [], persistent = false }: TestDatabaseOptions): Promise<TestDatabase> {
  if (!persistent) {
    const url = `pglite:memory?dump=${encodeURIComponent(await migratedDump(migrations))}`;
    return handle('embedded', url, migrations, async () => {});
  }
  const directory = await mkdtemp(join(tmpdir(), 'guildhall-test-'));
  return handle('embedded', `pglite:${directory}`, migrations, () => rm(directory, { recursive: true, force: true }));
}

async function serverDatabase(server: string, { migrations = [] }: TestDatabaseOptions): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = handle('server', url.href, migrations, () =>
    onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  );
  if (migrations.length > 0) await database.connect();
  return database;
}

async function onServer(url: string, sql: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

function handle(
  kind: TestDatabase['kind'],
  url: string,
  migrations: readonly Type<MigrationInterface>[],
  drop: () => Promise<void>,
): TestDatabase {
  const opened: { source: DataSource; database: Database }[] = [];
  return {
    kind,
    url,
    settings: { DATABASE_URL: url },
    async connect(entities = []) {
      const { Database, migrate, openDataSource } = await import('@guildhall/core');
      const settings = { ...POOL, DATABASE_URL: url, embedded: kind === 'embedded' };
      const source = await openDataSource(settings, { entities, migrations });
      const connection = { source, database: new Database(source) };
      opened.push(connection);
      await migrate(source);
      return connection;
    },
    async close() {
      for (const { source, database } of opened) {
        await database.beforeApplicationShutdown();
        if (source.isInitialized) await source.destroy();
      }
      await drop();
    },
  };
}
