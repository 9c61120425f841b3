import type { Type } from '@nestjs/common';
import { DataSource, type DataSourceOptions, type MigrationInterface } from 'typeorm';
import type { Settings } from '../config/settings.js';
import { retry } from '../resilience/retry.js';
import { type PoolSettings, dataSourceOptions, poolConfig } from './data-source.js';
import { isConnectionFailure } from './database-error.js';
import { EmbeddedDatabase } from './embedded/embedded-database.js';
import { embeddedLocation } from './embedded/embedded-location.js';
import { explainOpenFailure } from './explain-open-failure.js';
import { migrate } from './migrator.js';

export interface OpenOptions {
  readonly entities?: DataSourceOptions['entities'];
  readonly migrations: readonly Type<MigrationInterface>[];
}

/** How long connections in use may take to come back when the process stops. */
const DRAIN_MS = 5_000;

/** A data source that owns the embedded database under it: it closes both. */
class OwningDataSource extends DataSource {
  constructor(
    options: DataSourceOptions,
    private readonly embedded: EmbeddedDatabase | undefined,
  ) {
    super(options);
  }

  override async destroy(): Promise<void> {
    const drained = super.destroy();
    let timer: NodeJS.Timeout | undefined;
    // A connection that nobody gives back must not keep the process from stopping.
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_MS)));
    try {
      await Promise.race([drained, late]);
    } finally {
      clearTimeout(timer);
      await this.embedded?.close();
    }
  }
}

/** Dumps a database with these migrations applied, for tests to clone; `from` is the dump to start with. */
export async function dumpEmbeddedDatabase(
  migrations: readonly Type<MigrationInterface>[],
  from?: string,
): Promise<Blob> {
  const embedded = await EmbeddedDatabase.open({ kind: 'memory', dump: from });
  const pool = { DATABASE_POOL_MIN: 0, DATABASE_POOL_SIZE: 2, DATABASE_POOL_OVERFLOW: 0 };
  const source = new OwningDataSource(dataSourceOptions(poolConfig(pool, embedded), migrations), embedded);
  try {
    await migrate(await source.initialize());
    return await embedded.dump();
  } finally {
    await source.destroy();
  }
}

/** Connects to the database that the settings name: a server, or the embedded one, which this opens. */
export async function openDataSource(
  settings: PoolSettings & Pick<Settings, 'embedded' | 'DATA_DIR'>,
  { entities = [], migrations }: OpenOptions,
): Promise<DataSource> {
  const embedded = settings.embedded
    ? await EmbeddedDatabase.open(embeddedLocation(settings.DATABASE_URL, settings.DATA_DIR))
    : undefined;
  try {
    const options = { ...dataSourceOptions(poolConfig(settings, embedded), migrations), entities };
    const connect = () => new OwningDataSource(options, embedded).initialize();
    // A server that starts together with this process may need a moment.
    return await retry(connect, { retryable: isConnectionFailure, signal: new AbortController().signal });
  } catch (error) {
    await embedded?.close();
    throw explainOpenFailure(error, settings.DATABASE_URL);
  }
}
