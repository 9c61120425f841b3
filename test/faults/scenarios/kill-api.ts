import { setTimeout as sleep } from 'node:timers/promises';
import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { Load } from '../load.js';
import type { Scenario } from '../stage.js';

/** P1, F5, F6: an API process dies right after it said yes, and others die while they listen. */
export const killApi: Scenario = {
  name: 'kill-api',
  promise: 'An accepted run is kept although the API process is killed at once (P1)',
  bar: '0 accepted runs lost',
  limitMs: { small: 240_000, full: 1_200_000 },
  async run(stage) {
    const kills = stage.size(6, 200);
    const house = await House.open(stage, { apis: 2, workers: 1 });
    const agentId = await house.agent();
    const plan = (run: string) => ({ run, tools: ['read'] as const });
    const load = new Load(house, { agentId, plan });
    for (let kill = 0; kill < kills; kill++) {
      const victim = house.apis[0]!;
      // Until one is accepted by the process that is to die; other requests are on their way when it does.
      const answered = Promise.race(Array.from({ length: 4 }, (_, each) => load.one(plan(`k${kill}.${each}`))));
      await answered;
      await sleep(Math.random() * 50);
      await Promise.all([house.end(victim, 'SIGKILL'), house.add('api')]);
    }
    await load.one();
    const { breaches, runs } = await checkInvariants(house, load.accepted);
    return {
      figure: `${runs} accepted over ${kills} kills, ${breaches.length === 0 ? 0 : 'some'} lost`,
      breaches: [...breaches, ...load.refused, ...load.improper],
    };
  },
};
