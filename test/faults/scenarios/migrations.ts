import { randomBytes } from 'node:crypto';
import { startServerProcess } from '../../../libs/testing/src/server-process.js';
import { READY_WITHIN_MS } from '../house.js';
import { Postgres } from '../postgres.js';
import type { Scenario } from '../stage.js';

/** F38: replicas that start at once on a database with nothing in it. */
export const migrations: Scenario = {
  name: 'migrations',
  promise: 'Three replicas that start at once on an empty database all start (F38)',
  bar: 'every time, each migration applied once',
  limitMs: { small: 240_000, full: 900_000 },
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const times = stage.size(2, 20);
    const breaches: string[] = [];
    for (let time = 0; time < times; time++) {
      const name = `fresh_${randomBytes(4).toString('hex')}`;
      await postgres.createDatabase(name);
      const env = { DATABASE_URL: postgres.urlOf(name), RUN_WORKERS: 'false' };
      const apps = ['api', 'api', 'worker'] as const;
      const started = await Promise.allSettled(
        apps.map((app) => startServerProcess({ app, env, readyWithinMs: READY_WITHIN_MS })),
      );
      for (const each of started) {
        if (each.status === 'rejected') breaches.push(String(each.reason).slice(0, 500));
        else await each.value.kill('SIGKILL');
      }
    }
    return { figure: `${times} times three processes`, breaches };
  },
};
