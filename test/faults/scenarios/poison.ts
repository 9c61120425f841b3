import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { Load } from '../load.js';
import type { Scenario, Stage } from '../stage.js';
import { quantile, seconds, until } from '../until.js';

const WORKERS = 3;
const GIVEN_UP_WITHIN_MS = 120_000;

/** P10, F34: a run that kills every worker that takes it. */
export const poison: Scenario = {
  name: 'poison',
  promise: 'A run that kills its worker is given up after 3 crashes with its reason; the others go on (P10)',
  bar: 'given up ≤ 2 min; the others’ p95 ≤ 2 × theirs without it',
  limitMs: { small: 240_000, full: 600_000 },
  async run(stage) {
    const house = await House.open(stage, {
      workers: WORKERS,
      env: { RUN_LEASE_MS: String(stage.size(5_000, 15_000)) },
    });
    keepWorkers(stage, house);
    const agentId = await house.agent();
    const plan = (run: string) => ({ run, tools: ['read'] as const, modelMs: 50, holdMs: 50 });
    const calm = new Load(house, { agentId, plan, clients: 4, pauseMs: 100 });
    await timed(calm, stage.size(5_000, 20_000));
    const others = new Load(house, { agentId, plan, clients: 4, pauseMs: 100 });
    others.start();
    const from = performance.now();
    const poisoned = await others.one({ run: 'poison', tools: ['exit'] });
    const run = async () => (await house.get(`/runs/${poisoned!.id}`)).data;
    await until('the poison run is given up', async () => (await run()).status === 'failed', GIVEN_UP_WITHIN_MS);
    const tookMs = performance.now() - from;
    await others.stop();
    const { error, attempts } = await run();
    const all = [...calm.accepted, ...others.accepted];
    // Its worker ended by itself, as it was told to.
    house.unexpected.splice(0);
    const { breaches } = await checkInvariants(house, all);
    const [before, meanwhile] = [await p95(house, calm), await p95(house, others, poisoned!.id)];
    const faults = [...breaches, ...others.refused];
    if (error?.code !== 'crashed_repeatedly') faults.push(`it says ${JSON.stringify(error)}`);
    // A few runs on a busy machine say little of a half second, in which a process starts anew.
    const least = stage.size(1500, 500);
    if (meanwhile > 2 * Math.max(before, least)) faults.push(`p95 of the others ${meanwhile} ms, before ${before} ms`);
    const p95s = `others’ p95 ${meanwhile.toFixed(0)} ms, without it ${before.toFixed(0)} ms`;
    return {
      figure: `given up after ${seconds(tookMs)}, ${attempts} attempts (${error?.code}); ${p95s}`,
      breaches: faults,
    };
  },
};

async function timed(load: Load, ms: number): Promise<void> {
  load.start();
  await new Promise((resolve) => setTimeout(resolve, ms));
  await load.stop();
}

/** As an orchestrator does: a worker that ended is started again. */
function keepWorkers(stage: Stage, house: House): void {
  let over = false;
  let starting = 0;
  const timer = setInterval(() => {
    while (!over && house.workers.length + starting < WORKERS) {
      starting++;
      // The poison may meet it before it is ready; then the next one is started.
      const added = house.add('worker').catch((error: unknown) => stage.say(String(error).split('\n')[0]!));
      void added.finally(() => starting--);
    }
  }, 100);
  stage.after(async () => {
    over = true;
    clearInterval(timer);
    await until('no worker is starting', () => starting === 0, 30_000);
  });
}

/** From acceptance to the end, ms; the runs that a crash took down with it are among them. */
async function p95(house: House, load: Load, except?: string): Promise<number> {
  const rows = await house.postgres.query<{ ms: number }>(
    `SELECT extract(epoch FROM finished_at - created_at)::float8 * 1000 AS ms FROM runs WHERE id = ANY($1)`,
    [load.accepted.map(({ id }) => id).filter((id) => id !== except)],
  );
  return quantile(
    rows.map(({ ms }) => ms),
    0.95,
  );
}
