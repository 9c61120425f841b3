import { setTimeout as sleep } from 'node:timers/promises';
import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { Load } from '../load.js';
import { Redis } from '../redis.js';
import type { Scenario } from '../stage.js';
import { quantile, seconds } from '../until.js';

const SLOWEST_MS = 5_000;

/** P8, F16–F19: Redis is absent at the start, then stopped, flushed, restarted and frozen under load. */
export const redis: Scenario = {
  name: 'redis',
  promise: 'Losing Redis loses no work, no event and no dedupe, and delays no request for long (P8)',
  bar: '0 lost; every answer ≤ 5 s',
  limitMs: { small: 240_000, full: 900_000 },
  async run(stage) {
    const server = await Redis.prepare(stage);
    // Absent at the boot (F16).
    const house = await House.open(stage, { apis: 2, workers: 2, redisUrl: server.url });
    const agentId = await house.agent();
    const plan = (run: string) => ({ run, tools: ['idempotent', 'unsafe'] as const, modelMs: 50, holdMs: 50 });
    const load = new Load(house, { agentId, plan, clients: 4, pauseMs: 100 }).start();
    const pause = () => sleep(stage.size(2_500, 30_000));
    await pause();
    await server.up();
    await pause();
    for (let round = 0; round < stage.size(1, 3); round++) {
      await server.flush();
      await pause();
      await server.down();
      await pause();
      await server.up();
      await pause();
      server.freeze();
      await pause();
      server.thaw();
      await pause();
    }
    await load.stop();
    const { breaches, runs } = await checkInvariants(house, load.accepted);
    const [p99, slowest] = [quantile(load.latencies, 0.99), Math.max(...load.latencies)];
    const slow = slowest > SLOWEST_MS ? [`an answer took ${seconds(slowest)}`] : [];
    return {
      figure: `${runs} accepted; answers p99 ${p99.toFixed(0)} ms, the slowest after ${seconds(slowest)}`,
      breaches: [...breaches, ...slow, ...load.refused, ...new Set(load.improper)],
    };
  },
};
