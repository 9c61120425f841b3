import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from '../../../libs/testing/src/server-process.js';
import { House } from '../house.js';
import { checkInvariants, isAtRest } from '../invariants.js';
import { type Accepted, Load } from '../load.js';
import type { Plan } from '../planned-model.js';
import type { Scenario } from '../stage.js';
import { quantile, seconds, until } from '../until.js';

const P50_MS = 15_000;
const P99_MS = 30_000;

/** P2–P5, F1–F4: workers die at random moments, in the middle of model and tool calls of every effect. */
export const killWorker: Scenario = {
  name: 'kill-worker',
  promise: 'A dead worker’s runs go on elsewhere, no recorded step is run again, no unsafe call happens twice (P2–P5)',
  bar: '0 lost, 0 repeated; next call after a death p50 ≤ 15 s, p99 ≤ 30 s',
  limitMs: { small: 240_000, full: 900_000 },
  async run(stage) {
    const house = await House.open(stage, { workers: 3 });
    const agentId = await house.agent();
    const load = new Load(house, { agentId, plan });
    const recoveries: number[] = [];
    for (let round = 0; load.accepted.length < stage.size(24, 200); round++) {
      const started = await startMany(load, round, stage.size(24, 25));
      await sleep(300 + Math.random() * 2_000);
      const { victim, held } = await busiest(house);
      await house.end(victim, 'SIGKILL');
      const died = Date.now();
      await house.add('worker');
      const taken = started.filter(({ id }) => held.has(id));
      recoveries.push(...(await recovered(house, taken, died)));
      stage.say(`killed a worker with ${taken.length} runs`);
    }
    const { breaches, runs, byStatus } = await checkInvariants(house, load.accepted);
    const [p50, p99] = [quantile(recoveries, 0.5), quantile(recoveries, 0.99)];
    const late = p50 > P50_MS || p99 > P99_MS ? [`recovery p50 ${seconds(p50)}, p99 ${seconds(p99)}`] : [];
    const none = recoveries.length === 0 ? ['no run was taken over: nothing was measured'] : [];
    return {
      figure: figure(runs, byStatus, recoveries, p50, p99),
      breaches: [...breaches, ...late, ...none, ...load.refused],
    };
  },
};

const TOOLS = ['read', 'idempotent', 'unsafe', 'idempotent'] as const;

/** Each begins elsewhere, so that a kill meets calls of every effect. */
function plan(run: string): Plan {
  const from = Math.floor(Math.random() * TOOLS.length);
  return { run, tools: [...TOOLS.slice(from), ...TOOLS.slice(0, from)], modelMs: 500, holdMs: 700 };
}

async function startMany(load: Load, round: number, count: number): Promise<Accepted[]> {
  const runs = Array.from({ length: count }, (_, each) => load.one(plan(`w${round}.${each}`)));
  return (await Promise.all(runs)).filter((each) => each !== undefined);
}

/** The worker that holds most leases, and the runs it holds. */
async function busiest(house: House): Promise<{ victim: ServerProcess; held: Set<string> }> {
  const rows = await house.postgres.query<{ id: string; pid: string }>(
    `SELECT id, split_part(lease_owner, ':', 2) AS pid FROM runs WHERE status = 'running'`,
  );
  const runsOf = ({ pid }: ServerProcess) => rows.filter((row) => row.pid === String(pid)).map(({ id }) => id);
  const victim = house.workers.toSorted((a, b) => runsOf(b).length - runsOf(a).length)[0]!;
  return { victim, held: new Set(runsOf(victim)) };
}

/** How long each run took to its next call; those that wait for a person make none. */
async function recovered(house: House, runs: readonly Accepted[], died: number): Promise<number[]> {
  const ofRun = ({ plan }: Accepted) => house.ledger.firstAfter(plan.run, died);
  const resting = async ({ id }: Accepted) => isAtRest((await house.get(`/runs/${id}`)).data.status);
  const goesOn = async (run: Accepted) => ofRun(run) !== undefined || (await resting(run));
  await until('the runs go on', async () => (await Promise.all(runs.map(goesOn))).every(Boolean), 60_000);
  return runs.flatMap((run) => (ofRun(run) === undefined ? [] : [ofRun(run)! - died]));
}

function figure(
  runs: number,
  byStatus: Readonly<Record<string, number>>,
  recoveries: readonly number[],
  p50: number,
  p99: number,
): string {
  const unknown = byStatus['needs_attention'] ?? 0;
  return `${runs} runs, ${unknown} of them with an unknown effect shown; ${recoveries.length} taken over, next call p50 ${seconds(p50)}, p99 ${seconds(p99)}`;
}
