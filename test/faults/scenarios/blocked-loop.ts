import { setTimeout as sleep } from 'node:timers/promises';
import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { Load } from '../load.js';
import type { Scenario } from '../stage.js';
import { seconds } from '../until.js';

/** F35: a tool keeps a worker's only thread busy for longer than its leases last. */
export const blockedLoop: Scenario = {
  name: 'blocked-loop',
  promise: 'A tool that blocks its worker for 20 s delays nobody else; the run has one outcome (F35)',
  bar: '0 lost, 0 repeated, the process lives; others go on at the other worker',
  limitMs: { small: 240_000, full: 600_000 },
  async run(stage) {
    const house = await House.open(stage, { workers: 2, env: { RUN_LEASE_MS: String(stage.size(3_000, 15_000)) } });
    const agentId = await house.agent();
    const load = new Load(house, { agentId, plan: (run) => ({ run, tools: ['read'], modelMs: 50, holdMs: 50 }) });
    const blockMs = stage.size(6_000, 20_000);
    await load.one({ run: 'blocker', tools: ['block'], holdMs: blockMs });
    await sleep(300);
    const from = performance.now();
    load.start();
    await sleep(blockMs);
    await load.stop();
    const during = performance.now() - from;
    const { breaches, runs } = await checkInvariants(house, load.accepted);
    return {
      figure: `${runs} runs in ${seconds(during)} beside one that blocked a worker for ${seconds(blockMs)}`,
      breaches: [...breaches, ...load.refused],
    };
  },
};
