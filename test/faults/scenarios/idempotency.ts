import { randomUUID } from 'node:crypto';
import { type Answer, send, sendPatiently } from '../client.js';
import { House } from '../house.js';
import { checkInvariants } from '../invariants.js';
import type { Accepted } from '../load.js';
import type { Scenario } from '../stage.js';
import { TcpProxy } from '../tcp-proxy.js';

/** P7, F6, F28: the same request many times at once, and again because its answer was lost. */
export const idempotency: Scenario = {
  name: 'idempotency',
  promise: 'One Idempotency-Key starts one run, however often and wherever it is sent (P7)',
  bar: '1 run for 100 identical requests over two processes; the same run when the answer was lost',
  limitMs: { small: 240_000, full: 600_000 },
  async run(stage) {
    const house = await House.open(stage, { apis: 2, workers: 1 });
    const agentId = await house.agent();
    const accepted: Accepted[] = [];
    const breaches: string[] = [];
    const crowds = stage.size(2, 20);
    for (let crowd = 0; crowd < crowds; crowd++) {
      const { runs, fault } = await atOnce(house, agentId, `crowd${crowd}`);
      accepted.push(...runs);
      breaches.push(...fault);
    }
    const lost = stage.size(5, 50);
    const proxy = await TcpProxy.start(stage, house.apis[0]!.url);
    for (let each = 0; each < lost; each++) {
      const { runs, fault } = await answerLost(house, proxy, agentId, `lost${each}`);
      accepted.push(...runs);
      breaches.push(...fault);
    }
    const checked = await checkInvariants(house, accepted);
    const figure = `${crowds} × 100 requests: ${crowds} runs; ${lost} answers lost: ${lost} runs`;
    return { figure, breaches: [...breaches, ...checked.breaches] };
  },
};

interface Found {
  readonly runs: readonly Accepted[];
  readonly fault: readonly string[];
}

async function atOnce(house: House, agentId: string, run: string): Promise<Found> {
  const plan = { run, tools: ['unsafe'] as const };
  const request = { body: { agentId, input: JSON.stringify(plan) }, headers: { 'idempotency-key': randomUUID() } };
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => send('POST', house.url('/api/v1/runs'), request)),
  );
  return judge(house, run, plan, answers);
}

/** The server acts, the wire breaks before the client hears of it, the client asks the other process. */
async function answerLost(house: House, proxy: TcpProxy, agentId: string, run: string): Promise<Found> {
  const plan = { run, tools: ['unsafe'] as const };
  const request = { body: { agentId, input: JSON.stringify(plan) }, headers: { 'idempotency-key': randomUUID() } };
  const before = proxy.dropped;
  proxy.dropAnswers = true;
  const first = await send('POST', `${proxy.url}/api/v1/runs`, request).catch(() => undefined);
  proxy.dropAnswers = false;
  if (first !== undefined || proxy.dropped === before) return { runs: [], fault: [`${run}: the answer was not lost`] };
  const again = await sendPatiently('POST', () => `${house.apis[1]!.url}/api/v1/runs`, request);
  return judge(house, run, plan, [again]);
}

async function judge(house: House, run: string, plan: Accepted['plan'], answers: readonly Answer[]): Promise<Found> {
  const fault = answers
    .filter(({ status, body }) => status !== 202 && body?.error?.code !== 'idempotency_in_progress')
    .map(({ status, body }) => `${run}: ${status} ${JSON.stringify(body)}`);
  const ids = new Set(answers.filter(({ status }) => status === 202).map(({ body }) => body.data.id as string));
  const stored = await house.postgres.query<{ id: string }>(`SELECT id FROM runs WHERE input::text LIKE $1`, [
    `%\\\\"${run}\\\\"%`,
  ]);
  if (ids.size !== 1 || stored.length !== 1) {
    fault.push(`${run}: ${ids.size} ids for one key, ${stored.length} runs stored`);
  }
  return { runs: [...ids].map((id) => ({ id, plan, at: Date.now() })), fault };
}
