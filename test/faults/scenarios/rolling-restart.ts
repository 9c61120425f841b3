import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from '../../../libs/testing/src/server-process.js';
import { send } from '../client.js';
import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { type Accepted, Load } from '../load.js';
import { frames } from '../sse.js';
import type { Scenario } from '../stage.js';
import { seconds } from '../until.js';

const GRACE_MS = 15_000;
const DELAY_MS = 2_000;

/** P9, F31, F32: every process is replaced by a new one, again and again, while runs and readers go on. */
export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  promise: 'A rolling restart loses no run, fails no request and no reader (P9)',
  bar: '0 lost, 0 answers 5xx from a ready process, streams resume, exit 0 within the grace, at once on a second signal',
  limitMs: { small: 240_000, full: 600_000 },
  async run(stage) {
    const env = { SHUTDOWN_GRACE_MS: String(GRACE_MS), SHUTDOWN_DELAY_MS: String(DELAY_MS) };
    const house = await House.open(stage, { apis: 2, workers: 2, env });
    const agentId = await house.agent();
    const plan = (run: string) => ({ run, tools: ['idempotent', 'unsafe'] as const, modelMs: 150, holdMs: 150 });
    const load = new Load(house, { agentId, plan, clients: 4, pauseMs: 100 }).start();
    const readers = new Readers(house);
    let started = 0;
    // Long enough to be in the middle when a process leaves.
    const long = () => ({ run: `read-${++started}`, tools: ['idempotent', 'idempotent'] as const, holdMs: 2_500 });
    const watching = setInterval(() => void load.one(long()).then((run) => readers.follow(run)), 1_000);
    stage.after(() => clearInterval(watching));
    const breaches: string[] = [];
    const exits: number[] = [];
    const rounds = stage.size(1, 5);
    for (let round = 0; round < rounds; round++) {
      for (const app of ['api', 'worker', 'api', 'worker'] as const) {
        const leaving = (app === 'api' ? house.apis : house.workers)[0]!;
        await house.add(app);
        exits.push(await leave(house, leaving, app, breaches));
      }
    }
    clearInterval(watching);
    await load.stop();
    await readers.done();
    await secondSignal(house, breaches);
    const { breaches: broken, runs } = await checkInvariants(house, load.accepted);
    const failed = [...load.statuses].filter(([status]) => status >= 500);
    if (failed.length > 0)
      breaches.push(`answers of ready processes: ${failed.map(([s, n]) => `${n} × ${s}`).join(', ')}`);
    const longest = seconds(Math.max(...exits));
    return {
      figure: `${rounds} rounds, ${runs} accepted, ${readers.count} readers (${readers.resumed} resumed), longest exit ${longest}`,
      breaches: [...breaches, ...broken, ...load.refused, ...readers.faults],
    };
  },
};

/** As a balancer sees it: the process says that it is going, is sent nothing more, and ends in time. */
async function leave(house: House, server: ServerProcess, app: string, breaches: string[]): Promise<number> {
  const from = performance.now();
  server.signal('SIGTERM');
  for (;;) {
    const probe = await send('GET', `${server.url}/health/ready`).catch(() => undefined);
    if (probe?.status !== 200) break;
    if (performance.now() - from > DELAY_MS) breaches.push(`a ${app} was still ready ${DELAY_MS} ms after SIGTERM`);
    await sleep(50);
  }
  const code = await house.end(server, 'SIGCONT');
  const ms = performance.now() - from;
  if (code !== 0) breaches.push(`a ${app} ended with ${code}: ${server.output().slice(-500)}`);
  if (ms > GRACE_MS + 1_000) breaches.push(`a ${app} took ${seconds(ms)} to end`);
  return ms;
}

/** F32: whoever cannot wait signals twice. */
async function secondSignal(house: House, breaches: string[]): Promise<void> {
  const server = await house.add('api');
  server.signal('SIGTERM');
  await sleep(200);
  const from = performance.now();
  const code = await house.end(server, 'SIGTERM');
  const ms = performance.now() - from;
  if (code !== 143 || ms > 2_000) breaches.push(`the second SIGTERM ended it with ${code} after ${seconds(ms)}`);
}

/** Follow runs as browsers do: connect again with the last id, wherever the balancer leads. */
class Readers {
  count = 0;
  resumed = 0;
  readonly faults: string[] = [];
  private readonly reading: Promise<void>[] = [];

  constructor(private readonly house: House) {}

  follow(run: Accepted | undefined): void {
    if (!run) return;
    this.count++;
    this.reading.push(
      this.read(run.id).catch((error: unknown) => void this.faults.push(`reader of ${run.id}: ${String(error)}`)),
    );
  }

  async done(): Promise<void> {
    await Promise.all(this.reading);
  }

  private async read(id: string): Promise<void> {
    const signal = AbortSignal.timeout(90_000);
    let last = 0;
    let over = false;
    while (!over) {
      const at = last;
      try {
        for await (const frame of frames(this.house.url(`/api/v1/runs/${id}/events`), last, signal)) {
          if (frame.id !== last + 1) throw new Error(`event ${frame.id} came after ${last}`);
          last = frame.id;
          over = /^run\.(succeeded|failed|cancelled)$/.test(frame.event);
        }
      } catch (error) {
        if (signal.aborted || !(error instanceof TypeError)) throw error;
      }
      if (!over) {
        if (at > 0 || last > 0) this.resumed++;
        await sleep(300);
      }
    }
  }
}
