import { setTimeout as sleep } from 'node:timers/promises';
import { send } from '../client.js';
import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { Load } from '../load.js';
import { Postgres } from '../postgres.js';
import type { Scenario } from '../stage.js';
import { seconds } from '../until.js';

const CROWD = 200;

/** F11, F12: too few connections for everybody, and a table that somebody else has locked. */
export const postgresStarved: Scenario = {
  name: 'postgres-starved',
  promise:
    'Too few database connections, or a lock that lasts, delay requests or refuse them with 503; nothing dies (F11, F12)',
  bar: 'each of 200 parallel requests answered ≤ 30 s by 202 or 503 with Retry-After; health answers; 0 lost',
  limitMs: { small: 240_000, full: 600_000 },
  async run(stage) {
    // Two processes may take 50 connections each; the server has 20.
    const postgres = await Postgres.start(stage, { max_connections: '20' });
    const house = await House.open(stage, { workers: 1, postgres });
    const agentId = await house.agent();
    const load = new Load(house, { agentId, plan: (run) => ({ run, tools: ['read'] }) });
    const crowd = Promise.all(Array.from({ length: CROWD }, () => load.one()));
    await sleep(200);
    const alive = await send('GET', house.url('/health/live'));
    await crowd;
    const breaches = alive.status === 200 ? [] : [`liveness said ${alive.status}`];
    const locker = await postgres.connect();
    await locker.query('BEGIN');
    await locker.query('LOCK TABLE runs IN ACCESS EXCLUSIVE MODE');
    const locked = Promise.all(Array.from({ length: 20 }, () => load.one()));
    await sleep(stage.size(8_000, 40_000));
    const meanwhile = await send('GET', house.url('/health/live'));
    if (meanwhile.status !== 200) breaches.push(`liveness said ${meanwhile.status} behind a lock`);
    await locker.query('ROLLBACK');
    await locker.end();
    await locked;
    const checked = await checkInvariants(house, load.accepted);
    const slowest = Math.max(...load.latencies);
    if (slowest > 32_000) breaches.push(`an answer took ${seconds(slowest)}`);
    const answers = [...load.statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
    return {
      figure: `${load.accepted.length} accepted of ${CROWD + 20}; answers ${answers}, the slowest after ${seconds(slowest)}`,
      breaches: [...breaches, ...checked.breaches, ...load.refused, ...new Set(load.improper)],
    };
  },
};
