import { existsSync, globSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { Load } from '../load.js';
import type { Scenario } from '../stage.js';

const LIBRARY = globSync('/usr/lib/{*-linux-gnu/,}faketime/libfaketime.so.1').find((file) => existsSync(file));

/** F33: hosts disagree about the time by an hour, in both directions. */
export const clockSkew: Scenario = {
  name: 'clock-skew',
  promise: 'Clocks that differ by an hour between processes confuse no lease and no order (F33)',
  bar: '0 lost, 0 repeated, every run at its first attempt',
  limitMs: { small: 240_000, full: 600_000 },
  async run(stage) {
    if (LIBRARY === undefined) return { figure: '', breaches: [], skipped: 'libfaketime is not installed here' };
    const house = await House.open(stage, { workers: 0, env: { RUN_LEASE_MS: '3000' } });
    const skewed = (offset: string) => ({ LD_PRELOAD: LIBRARY, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' });
    await Promise.all([house.add('worker', skewed('+1h')), house.add('worker', skewed('-1h'))]);
    const agentId = await house.agent();
    const plan = (run: string) => ({ run, tools: ['idempotent', 'unsafe'] as const, modelMs: 300, holdMs: 300 });
    const load = new Load(house, { agentId, plan, clients: 4, pauseMs: 100 }).start();
    await sleep(stage.size(8_000, 60_000));
    await load.stop();
    // The skewed process's own times are an hour off, so only what is counted can be compared with the ledger.
    const checked = await checkInvariants(house, load.accepted);
    const breaches = checked.breaches.filter((breach) => !breach.includes('after it was recorded'));
    const again = await house.postgres.query(`SELECT id FROM runs WHERE attempts > 1`);
    if (again.length > 0) breaches.push(`${again.length} runs were taken over although their workers lived`);
    return {
      figure: `${checked.runs} runs by workers an hour ahead and an hour behind`,
      breaches: [...breaches, ...load.refused],
    };
  },
};
