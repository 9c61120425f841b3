import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ServerProcess,
  spawnServerProcess,
  startServerProcess,
} from '../../../libs/testing/src/server-process.js';
import { READY_WITHIN_MS } from '../house.js';
import { Postgres } from '../postgres.js';
import type { Scenario } from '../stage.js';
import { until } from '../until.js';

/** After every change of the schema, so that there is a middle to kill it in. */
const SLOW_CHANGES = `
  CREATE FUNCTION public.wait_a_little() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(0.005); END $$;
  CREATE EVENT TRIGGER slow_changes ON ddl_command_end EXECUTE FUNCTION public.wait_a_little()`;

const SCHEMA = `
  SELECT 'column ' || table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
      || coalesce(column_default, '') AS part
    FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT 'migration ' || name FROM schema_migrations
  ORDER BY 1`;

/** F39: the process that migrates is killed in the middle of it, while another one waits for it. */
export const killedMigration: Scenario = {
  name: 'killed-migration',
  promise: 'A migration that is killed in the middle leaves nothing half done; the replica that waited goes on (F39)',
  bar: 'every replica ready, the schema that of an uncut migration, each migration applied once',
  limitMs: { small: 240_000, full: 1_800_000 },
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const running = new Set<ServerProcess>();
    stage.after(() => Promise.all([...running].map((server) => server.kill('SIGKILL'))));
    const open = async () => {
      const name = `cut_${randomBytes(4).toString('hex')}`;
      await postgres.createDatabase(name);
      await postgres.query(SLOW_CHANGES, [], name);
      return name;
    };
    const optionsFor = (name: string) => ({
      env: { DATABASE_URL: postgres.urlOf(name), RUN_WORKERS: 'false' },
      readyWithinMs: READY_WITHIN_MS,
    });
    const schemaOf = async (name: string) => {
      const parts = (await postgres.query<{ part: string }>(SCHEMA, [], name)).map(({ part }) => part);
      return { parts: parts.length, digest: createHash('sha256').update(parts.join('\n')).digest('hex') };
    };
    const migrating = async (name: string) => {
      const held = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND database =
        (SELECT oid FROM pg_database WHERE datname = current_database())`;
      return (await postgres.query(held, [], name)).length > 0;
    };
    const uncut = await open();
    const first = await startServerProcess(optionsFor(uncut));
    await first.kill('SIGKILL');
    const reference = await schemaOf(uncut);

    const breaches: string[] = [];
    const times = stage.size(3, 50);
    let cut = 0;
    for (let time = 0; time < times; time++) {
      const name = await open();
      const migrator = await spawnServerProcess(optionsFor(name));
      running.add(migrator);
      await until('it migrates', () => migrating(name), READY_WITHIN_MS);
      const waiting = startServerProcess(optionsFor(name)).catch((error: unknown) => String(error).slice(0, 500));
      await sleep(Math.random() * 500);
      if ((await postgres.query(`SELECT to_regclass('schema_migrations') AS done`, [], name))[0]!['done'] === null)
        cut++;
      await migrator.kill('SIGKILL');
      running.delete(migrator);
      const waited = await waiting;
      if (typeof waited === 'string') breaches.push(waited);
      else await waited.kill('SIGKILL');
      const schema = await schemaOf(name);
      if (schema.digest !== reference.digest) breaches.push(`${name}: ${schema.parts} parts of ${reference.parts}`);
    }
    if (cut < times / 2) breaches.push(`only ${cut} of ${times} migrations were cut in the middle`);
    return { figure: `${cut} of ${times} kills came in the middle of a migration`, breaches };
  },
};
