import { House } from '../house.js';
import { Load } from '../load.js';
import type { Scenario } from '../stage.js';
import { inParallel, until } from '../until.js';

const STARTED_WITHIN_MS = 5_000;

/** F47: one tenant has filled the queue, another asks for one run. */
export const fairness: Scenario = {
  name: 'fairness',
  promise: 'A tenant with thousands of queued runs keeps no other waiting (F47)',
  bar: 'another tenant’s run starts ≤ 5 s',
  limitMs: { small: 240_000, full: 900_000 },
  async run(stage) {
    const queued = stage.size(500, 10_000);
    const house = await House.open(stage, { apis: 1, workers: 0 });
    const crowd = new Load(house, { agentId: await house.agent(), plan });
    const names = Array.from({ length: queued }, (_, index) => `q${index}`);
    await inParallel(names, 32, (run) => crowd.one(plan(run)));
    const tenant = await house.request('POST', '/tenants', { body: { name: `quiet-${Date.now()}` } });
    const key = tenant.body.data.apiKey.key as string;
    const quiet = new Load(house, { agentId: await house.agent({}, key), plan, key });
    await house.add('worker');
    await until('the worker is busy', async () => (await running(house)) > 0, 20_000);
    const tookMs: number[] = [];
    for (let each = 0; each < 5; each++) tookMs.push(await untilStarted(house, quiet));
    const slowest = Math.max(...tookMs);
    const left = await house.postgres.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM runs WHERE status = 'queued'`,
    );
    const breaches = slowest > STARTED_WITHIN_MS ? [`it started after ${slowest.toFixed(0)} ms`] : [];
    if (left[0]!.n === 0) breaches.push('the queue was empty before the other tenant came: nothing was tested');
    return {
      figure: `${queued} queued: five runs of another tenant started within ${slowest.toFixed(0)} ms`,
      breaches: [...breaches, ...crowd.refused, ...quiet.refused, ...house.unexpected],
    };
  },
};

const plan = (run: string) => ({ run, tools: ['read'] as const, modelMs: 1_000, holdMs: 10 });

async function running(house: House): Promise<number> {
  const rows = await house.postgres.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM runs WHERE status = 'running'`,
  );
  return rows[0]!.n;
}

async function untilStarted(house: House, load: Load): Promise<number> {
  const from = performance.now();
  const run = await load.one();
  const asked = () => run !== undefined && house.ledger.models.some((call) => call.run === run.plan.run);
  await until('its model is asked', asked, 60_000);
  return performance.now() - from;
}
