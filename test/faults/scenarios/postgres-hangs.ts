import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from '../../../libs/testing/src/server-process.js';
import { send } from '../client.js';
import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { Load } from '../load.js';
import type { Scenario, Stage } from '../stage.js';
import { seconds, until } from '../until.js';

const NOT_READY_WITHIN_MS = 10_000;

/** F13: PostgreSQL is there and says nothing. */
export const postgresHangs: Scenario = {
  name: 'postgres-hangs',
  promise: 'A database that hangs makes processes not ready, does not end them, and is found again (F13)',
  bar: 'readiness false ≤ 10 s, liveness true throughout, 0 lost',
  limitMs: { small: 240_000, full: 600_000 },
  async run(stage) {
    const house = await House.open(stage, { workers: 1, env: { RUN_LEASE_MS: '5000' } });
    const agentId = await house.agent();
    const plan = (run: string) => ({ run, tools: ['idempotent'] as const, modelMs: 100, holdMs: 100 });
    const load = new Load(house, { agentId, plan, clients: 3, pauseMs: 100 }).start();
    await sleep(2_000);
    const processes = [...house.apis, ...house.workers];
    house.postgres.freeze();
    const from = performance.now();
    const breaches: string[] = [];
    let notReadyAfter = NaN;
    const notReady = async () => (await Promise.all(processes.map(ready))).every((is) => !is);
    await until('no process is ready', notReady, NOT_READY_WITHIN_MS + 5_000).catch((error: unknown) =>
      breaches.push(String(error)),
    );
    notReadyAfter = performance.now() - from;
    if (notReadyAfter > NOT_READY_WITHIN_MS) breaches.push(`not ready only after ${seconds(notReadyAfter)}`);
    await watchLiveness(stage, processes, breaches);
    house.postgres.thaw();
    const back = performance.now();
    await until('all are ready again', async () => (await Promise.all(processes.map(ready))).every(Boolean), 30_000);
    const readyAfter = performance.now() - back;
    await sleep(2_000);
    await load.stop();
    const checked = await checkInvariants(house, load.accepted, 90_000);
    return {
      figure: `not ready after ${seconds(notReadyAfter)}, ready again after ${seconds(readyAfter)}; ${checked.runs} accepted`,
      breaches: [...breaches, ...checked.breaches, ...load.refused, ...new Set(load.improper)],
    };
  },
};

const ready = (server: ServerProcess) =>
  send('GET', `${server.url}/health/ready`, { limitMs: 5_000 }).then(
    ({ status }) => status === 200,
    () => false,
  );

async function watchLiveness(stage: Stage, processes: readonly ServerProcess[], breaches: string[]): Promise<void> {
  const end = performance.now() + stage.size(8_000, 45_000);
  while (performance.now() < end) {
    for (const { url } of processes) {
      const alive = await send('GET', `${url}/health/live`, { limitMs: 2_000 }).catch(() => undefined);
      if (alive?.status !== 200) breaches.push(`liveness said ${alive?.status ?? 'nothing within 2 s'}`);
    }
    await sleep(500);
  }
}
