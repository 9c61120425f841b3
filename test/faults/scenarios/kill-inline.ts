import { setTimeout as sleep } from 'node:timers/promises';
import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { Load } from '../load.js';
import type { Scenario } from '../stage.js';

/** P1–P5, P7: the process that stores a run, works on it and is waited for is one, and dies at any moment of it. */
export const killInline: Scenario = {
  name: 'kill-inline',
  promise: 'A run that its caller waits for is kept whole or leaves nothing when its process is killed (P1–P5, P7)',
  bar: '0 accepted runs lost, 1 run for each key, none that nobody was told of',
  limitMs: { small: 240_000, full: 2_400_000 },
  async run(stage) {
    const kills = stage.size(4, 100);
    // A killed request's key is free again soon after.
    const env = { RUN_WORKERS: 'true', RUN_LEASE_MS: '5000', REQUEST_TIMEOUT: '5' };
    const house = await House.open(stage, { apis: 2, workers: 0, env });
    const agentId = await house.agent();
    const plan = (run: string) => ({ run, tools: ['idempotent'] as const });
    const load = new Load(house, { agentId, plan, clients: 4, pauseMs: 50, headers: { prefer: 'wait=2' } }).start();
    for (let kill = 0; kill < kills; kill++) {
      await sleep(500 + Math.random() * 500);
      await Promise.all([house.end(house.apis[0]!, 'SIGKILL'), house.add('api')]);
    }
    await load.stop();
    const { breaches, runs } = await checkInvariants(house, load.accepted);
    const stored = await house.postgres.query<{ id: string }>('SELECT id FROM runs');
    const told = new Set(load.accepted.map(({ id }) => id));
    const untold = stored.filter(({ id }) => !told.has(id)).map(({ id }) => `nobody was told of run ${id}`);
    return {
      figure: `${runs} accepted over ${kills} kills, ${breaches.length === 0 ? 0 : 'some'} lost, ${stored.length} stored`,
      breaches: [...breaches, ...untold, ...load.refused, ...load.improper],
    };
  },
};
