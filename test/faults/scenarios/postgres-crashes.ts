import { setTimeout as sleep } from 'node:timers/promises';
import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { Load } from '../load.js';
import type { Scenario } from '../stage.js';
import { seconds } from '../until.js';

/** F8, F9: the database is gone every few seconds, once in the middle of taking over a dead worker's runs. */
export const postgresCrashes: Scenario = {
  name: 'postgres-crashes',
  promise: 'PostgreSQL may crash again and again: nothing accepted is lost, no process dies (P1, P2)',
  bar: '0 lost; requests in the gap get 503 with Retry-After; restart every 5–10 s',
  limitMs: { small: 240_000, full: 600_000 },
  async run(stage) {
    const house = await House.open(stage, {
      apis: 2,
      workers: 2,
      env: { RUN_LEASE_MS: String(stage.size(5_000, 15_000)) },
    });
    const agentId = await house.agent();
    const plan = (run: string) => ({ run, tools: ['idempotent', 'read'] as const, modelMs: 100, holdMs: 100 });
    const load = new Load(house, { agentId, plan, clients: 4, pauseMs: 100 }).start();
    const end = performance.now() + stage.size(20_000, 300_000);
    let crashes = 0;
    while (performance.now() < end) {
      await sleep(stage.size(3_000, 5_000) + Math.random() * stage.size(2_000, 5_000));
      if (crashes === 1) {
        // A worker dies with it: the sweep that takes its runs over meets a database that is gone (F9).
        await house.end(house.workers[0]!, 'SIGKILL');
        await sleep(200);
      }
      await house.postgres.crash();
      await sleep(crashes === 1 ? 2_000 : Math.random() * 500);
      await house.postgres.up();
      if (++crashes === 2) await house.add('worker');
    }
    await load.stop();
    const { breaches, runs } = await checkInvariants(house, load.accepted);
    const answers = [...load.statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
    const slowest = seconds(Math.max(...load.latencies));
    return {
      figure: `${crashes} crashes, ${runs} accepted; answers ${answers}, the slowest after ${slowest}`,
      breaches: [...breaches, ...load.refused, ...new Set(load.improper)],
    };
  },
};
