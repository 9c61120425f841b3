import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { Load } from '../load.js';
import type { Scenario } from '../stage.js';
import { frames } from '../sse.js';
import { inParallel } from '../until.js';

/** P6, F5: a reader whose connection breaks after every single event, and who comes back to another process. */
export const streams: Scenario = {
  name: 'streams',
  promise: 'A stream cut after every event and resumed on another process is the uncut stream (P6)',
  bar: 'equal byte for byte',
  limitMs: { small: 240_000, full: 600_000 },
  async run(stage) {
    const house = await House.open(stage, { apis: 2, workers: 1 });
    const agentId = await house.agent();
    const answer = 'A stream of words that comes in many pieces, one after the other, as vendors send them.';
    const plan = (run: string) => ({ run, tools: ['read', 'idempotent'] as const, modelMs: 30, holdMs: 30, answer });
    const load = new Load(house, { agentId, plan });
    const breaches: string[] = [];
    let cuts = 0;
    const runs = stage.size(6, 60);
    await inParallel(
      Array.from({ length: runs }, (_, index) => index),
      4,
      async () => {
        const run = await load.one();
        if (!run) return;
        const path = `/api/v1/runs/${run.id}/events`;
        // Both follow the run while it happens.
        const [uncut, joined] = await Promise.all([read(house, path), readInPieces(house, path)]);
        cuts += joined.length;
        if (uncut.join('\n') !== joined.join('\n'))
          breaches.push(`run ${run.id}: joined ${joined.length}, uncut ${uncut.length} events`);
      },
    );
    const checked = await checkInvariants(house, load.accepted);
    return {
      figure: `${runs} runs, ${cuts} cuts, all equal`,
      breaches: [...breaches, ...checked.breaches, ...load.refused],
    };
  },
};

async function read(house: House, path: string): Promise<string[]> {
  const all: string[] = [];
  for await (const { data } of frames(house.url(path), 0, AbortSignal.timeout(30_000))) all.push(data);
  return all;
}

/** One event a connection, each from the next process. */
async function readInPieces(house: House, path: string): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const cut = new AbortController();
    const signal = AbortSignal.any([cut.signal, AbortSignal.timeout(30_000)]);
    let got = false;
    for await (const { id, data } of frames(house.url(path), all.length, signal)) {
      if (id !== all.length + 1) throw new Error(`Event ${id} came after event ${all.length}`);
      all.push(data);
      got = true;
      break;
    }
    cut.abort();
    // A stream with nothing more in it ends by itself.
    if (!got) return all;
  }
}
