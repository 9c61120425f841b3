import { setTimeout as sleep } from 'node:timers/promises';
import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { Load } from '../load.js';
import type { Scenario } from '../stage.js';
import { until } from '../until.js';

/** F8: the database is away for longer than a lease, while calls are under way that take longer still. */
export const postgresOutage: Scenario = {
  name: 'postgres-outage',
  promise:
    'A database that was away for longer than a lease costs a living worker neither its runs nor a call (P3, F8)',
  bar: '0 lost, every run succeeds at its first attempt, each model call made once',
  limitMs: { small: 120_000, full: 300_000 },
  async run(stage) {
    const leaseMs = stage.size(3_000, 15_000);
    const house = await House.open(stage, { workers: 2, env: { RUN_LEASE_MS: String(leaseMs) } });
    const agentId = await house.agent();
    const plan = (run: string) => ({ run, tools: ['read'] as const, modelMs: 3 * leaseMs });
    const load = new Load(house, { agentId, plan });
    await Promise.all(Array.from({ length: stage.size(10, 50) }, () => load.one()));
    const asked = () =>
      load.accepted.every(({ plan: { run } }) => house.ledger.models.some((call) => call.run === run));
    await until('every run asks its model', asked, 20_000);
    await house.postgres.crash();
    await sleep(1.5 * leaseMs);
    await house.postgres.up();
    const { breaches, runs, byStatus } = await checkInvariants(house, load.accepted, 10 * leaseMs + 30_000);
    const again = await house.postgres.query(`SELECT id FROM runs WHERE attempts > 1 OR status <> 'succeeded'`);
    const calls = house.ledger.models.length;
    const wrong = [
      ...(again.length === 0 ? [] : [`${again.length} runs needed another attempt or failed`]),
      ...(calls === 2 * runs ? [] : [`${calls} model calls for ${runs} runs of two`]),
    ];
    return {
      figure: `${runs} runs (${byStatus['succeeded'] ?? 0} succeeded) over an outage of 1.5 leases, ${calls} model calls`,
      breaches: [...breaches, ...wrong, ...load.refused],
    };
  },
};
