import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import { Load } from '../load.js';
import type { Scenario } from '../stage.js';
import { until } from '../until.js';

const WITHIN_MS = 2_000;

/** Somebody cancels at an API process what a worker process is in the middle of. */
export const cancel: Scenario = {
  name: 'cancel',
  promise: 'Cancelling reaches the worker on any node, and aborts the call it is in',
  bar: 'ended ≤ 2 s',
  limitMs: { small: 240_000, full: 600_000 },
  async run(stage) {
    const house = await House.open(stage, { apis: 2, workers: 1 });
    const plan = (run: string) => ({ run, tools: ['read'] as const, holdMs: 60_000 });
    const load = new Load(house, { agentId: await house.agent(), plan });
    const tookMs: number[] = [];
    for (let each = 0; each < stage.size(5, 50); each++) {
      const run = await load.one();
      if (!run) break;
      await until('its tool is called', () => house.ledger.tools.some((call) => call.run === run.plan.run), 20_000);
      const from = performance.now();
      await house.request('POST', `/runs/${run.id}/cancel`);
      await until(
        'it is cancelled',
        async () => (await house.get(`/runs/${run.id}`)).data.status === 'cancelled',
        20_000,
      );
      tookMs.push(performance.now() - from);
    }
    const slowest = Math.max(...tookMs);
    const { breaches } = await checkInvariants(house, load.accepted);
    const late = slowest > WITHIN_MS ? [`one took ${slowest.toFixed(0)} ms`] : [];
    return {
      figure: `${tookMs.length} runs cancelled in the middle of a tool call, the slowest after ${slowest.toFixed(0)} ms`,
      breaches: [...late, ...breaches, ...load.refused],
    };
  },
};
