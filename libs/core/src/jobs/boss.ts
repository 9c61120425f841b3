import type { EntityManager } from 'typeorm';
import { type Db, PgBoss } from 'pg-boss';
import type { Logger } from '@guildhall/sdk';
import type { Settings } from '../config/settings.js';
import type { Database } from '../database/database.js';
import { JOB_SCHEMA } from './job-schema.js';

/** Housekeeping. Abandoned jobs are found sooner, by the watch over the queues. */
const SUPERVISE_SECONDS = 60;
/** At the soonest; that watch may ask at any moment, and several processes do. */
const MONITOR_SECONDS = 1;

/**
 * pg-boss on the application's own pool. Where workers run it also watches over the queues and starts what is due by the
 * clock; elsewhere it only enqueues.
 */
export function createBoss(
  database: Database,
  logger: Logger,
  { RUN_WORKERS: works, embedded }: Pick<Settings, 'RUN_WORKERS' | 'embedded'>,
): PgBoss {
  const boss = new PgBoss({
    db: {
      executeSql: (text, values) => database.pool.query(text, values),
      listen: (channel, onNotification, onReconnect) => database.listen(channel, onNotification, onReconnect),
    },
    schema: JOB_SCHEMA,
    supervise: works,
    schedule: works,
    useListenNotify: works,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: MONITOR_SECONDS,
    // What starts by the clock starts at night: half a minute more or less is nothing.
    cronWorkerIntervalSeconds: 30,
    // Jobs that wait for other jobs: there are none.
    flowIntervalSeconds: 3_600,
    // REINDEX CONCURRENTLY needs a second session, which the embedded database has not.
    reindex: !embedded,
    registerInstance: false,
    openTelemetry: { enabled: false },
  });
  boss.on('error', (error) => logger.error({ err: error }, 'The job queue met an error'));
  boss.on('warning', ({ message, data }) => logger.warn({ data }, message));
  return boss;
}

/** Lets pg-boss act inside the caller's transaction. */
export function inTransaction(tx: EntityManager): Db {
  const runner = tx.queryRunner;
  if (!runner) throw new Error('Enqueue with the EntityManager of a transaction');
  return {
    executeSql: async (text, values) => ({ rows: (await runner.query(text, values, true)).records as never[] }),
  };
}
