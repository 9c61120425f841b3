import { setTimeout as sleep } from 'node:timers/promises';
import { House } from '../house.js';
import { checkInvariants, isAtRest } from '../invariants.js';
import { Load } from '../load.js';
import type { Scenario } from '../stage.js';
import { until } from '../until.js';

/** F7: a worker stands still for longer than its leases, and wakes up believing that it still holds them. */
export const frozenWorker: Scenario = {
  name: 'frozen-worker',
  promise: 'A worker that was stopped for longer than its lease writes nothing any more (F7)',
  bar: 'one outcome a run, no event, step or token of the late worker',
  limitMs: { small: 240_000, full: 600_000 },
  async run(stage) {
    const house = await House.open(stage, { workers: 1, env: { RUN_LEASE_MS: String(stage.size(3_000, 15_000)) } });
    const agentId = await house.agent();
    const plan = (run: string) => ({ run, tools: ['idempotent', 'read'] as const, modelMs: 400, holdMs: 400 });
    const load = new Load(house, { agentId, plan });
    await Promise.all(Array.from({ length: stage.size(10, 50) }, () => load.one()));
    await sleep(500);
    const zombie = house.workers[0]!;
    zombie.signal('SIGSTOP');
    const stoppedAt = performance.now();
    await house.add('worker');
    const statusOf = async (id: string) => (await house.get(`/runs/${id}`)).data.status as string;
    const allRest = async () => (await Promise.all(load.accepted.map(({ id }) => statusOf(id)))).every(isAtRest);
    await until('the other worker has finished all', allRest, 60_000);
    const left = stage.size(8_000, 60_000) - (performance.now() - stoppedAt);
    if (left > 0) await sleep(left);
    const before = await record(house);
    zombie.signal('SIGCONT');
    await sleep(stage.size(4_000, 20_000));
    const breaches = before === (await record(house)) ? [] : ['the late worker changed what was recorded'];
    // It is of use again.
    const another = await load.one();
    await until('a new run ends', async () => isAtRest(await statusOf(another!.id)), 20_000);
    const checked = await checkInvariants(house, load.accepted);
    const retaken = await house.postgres.query(`SELECT id FROM runs WHERE attempts > 1`);
    if (retaken.length === 0) breaches.push('no run was taken over: nothing was tested');
    return {
      figure: `${checked.runs} runs, ${retaken.length} taken over, 0 late writes`,
      breaches: [...breaches, ...checked.breaches, ...load.refused],
    };
  },
};

/** All that was ever written about runs, in one figure. */
async function record(house: House): Promise<string> {
  const rows = await house.postgres.query<{ hash: string }>(`
    SELECT md5(string_agg(line, ' ' ORDER BY line)) AS hash FROM (
      SELECT md5(e::text) AS line FROM run_events e UNION ALL SELECT md5(s::text) FROM run_steps s
      UNION ALL SELECT md5(r::text) FROM runs r UNION ALL SELECT md5(m::text) FROM messages m) lines`);
  return rows[0]!.hash;
}
