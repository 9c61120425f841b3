import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnServerProcess, startServerProcess } from '../../../libs/testing/src/server-process.js';
import { send, sendPatiently } from '../client.js';
import { READY_WITHIN_MS } from '../house.js';
import { isAtRest } from '../invariants.js';
import type { Scenario } from '../stage.js';
import { inParallel, until } from '../until.js';

/** F40, F41: one process with its database inside, killed in the middle of its writes. */
export const embedded: Scenario = {
  name: 'embedded',
  promise:
    'One process with its database inside survives kill -9 with all it acknowledged; a second one is refused (F40, F41)',
  bar: '0 acknowledged runs lost, all terminal; the data folder opens every time',
  limitMs: { small: 240_000, full: 2_400_000 },
  async run(stage) {
    const data = await mkdtemp(join(tmpdir(), 'guildhall-faults-embedded-'));
    stage.after(() => rm(data, { recursive: true, force: true }));
    const env = { DATA_DIR: data, RUN_LEASE_MS: '5000', LOG_FORMAT: 'json' };
    let server = await startServerProcess({ env, readyWithinMs: READY_WITHIN_MS });
    stage.after(() => server.kill('SIGKILL'));
    const agent = { name: 'survivor', instructions: 'Answer.', tools: ['calculator'] };
    const created = await send('POST', `${server.url}/api/v1/agents`, { body: agent });
    const agentId = created.body.data.id as string;
    const accepted: string[] = [];
    const start = async (url: string) => {
      const body = { agentId, input: 'What is 6 * 7?' };
      const headers = { 'idempotency-key': randomUUID() };
      const answer = await send('POST', `${url}/api/v1/runs`, { body, headers }).catch(() => undefined);
      if (answer?.status === 202) accepted.push(answer.body.data.id as string);
    };
    const breaches: string[] = [];
    const kills = stage.size(3, 100);
    for (let kill = 0; kill < kills; kill++) {
      const { url } = server;
      const requests = Array.from({ length: 5 }, () => start(url));
      const writing = Promise.all(requests);
      await Promise.race(requests);
      await sleep(Math.random() * 50);
      await server.kill('SIGKILL');
      await writing;
      server = await startServerProcess({ env, readyWithinMs: READY_WITHIN_MS });
    }
    if (accepted.length < kills) breaches.push(`only ${accepted.length} runs were acknowledged before ${kills} kills`);
    const second = await spawnServerProcess({ env });
    if ((await second.exited) === 0) breaches.push('a second process opened the same folder');
    if (!/in use/.test(second.output())) breaches.push(`the second process said: ${second.output().slice(0, 300)}`);
    await inParallel(accepted, 4, async (id) => {
      const status = async () =>
        (await sendPatiently('GET', () => `${server.url}/api/v1/runs/${id}`)).body?.data?.status;
      await until(`run ${id} has ended`, async () => isAtRest(await status()), 60_000).catch(async () =>
        breaches.push(`run ${id} is '${await status()}'`),
      );
    });
    return {
      figure: `${kills} kills, ${accepted.length} runs acknowledged, ${breaches.length === 0 ? 'all' : 'not all'} ended`,
      breaches,
    };
  },
};
