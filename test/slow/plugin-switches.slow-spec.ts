import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServerProcess, type TestDatabase, startServerProcess, testDatabase } from '@guildhall/testing';

/** A plugin that an administrator switches, in two APIs and a worker on one Postgres. */

const onServer = process.env['TEST_DATABASE_URL'] === undefined ? describe.skip : describe;
const KEY = { authorization: 'Bearer gh_dev_local', 'content-type': 'application/json' };
/** Two seconds are promised; a busy machine may take longer. */
const HEARD_WITHIN_MS = 15_000;

interface Answer {
  readonly id: string;
  readonly status: string;
  readonly error?: { readonly code: string };
}

jest.setTimeout(180_000);

onServer('a plugin that is disabled', () => {
  let testing: TestDatabase;
  let env: Record<string, string>;
  let agentId: string;
  const running = new Set<ServerProcess>();

  async function start(app: 'api' | 'worker'): Promise<ServerProcess> {
    const server = await startServerProcess({ app, env: { ...env, RUN_WORKERS: String(app === 'worker') } });
    running.add(server);
    return server;
  }
  async function kill(server: ServerProcess): Promise<void> {
    await server.kill('SIGKILL');
    running.delete(server);
  }
  async function call(on: ServerProcess, method: 'GET' | 'POST', path: string, body: object = {}): Promise<Answer> {
    const init = method === 'GET' ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${on.url}/api/v1${path}`, { method, ...init, headers: KEY });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return (JSON.parse(text) as { data: Answer }).data;
  }
  const statusOn = async (on: ServerProcess) => (await call(on, 'GET', '/plugins/ledger')).status;
  /** How a run of an agent with a tool of the plugin ends, which a worker decides. */
  async function endOfRun(on: ServerProcess): Promise<string> {
    const { id } = await call(on, 'POST', '/runs', { agentId, input: 'Hello' });
    for (;;) {
      const { status, error } = await call(on, 'GET', `/runs/${id}`);
      if (status === 'succeeded' || status === 'failed') return error?.code ?? status;
      await sleep(20);
    }
  }
  async function becomes(wanted: string, look: () => Promise<string>): Promise<void> {
    const from = performance.now();
    for (let seen = await look(); seen !== wanted; seen = await look()) {
      if (performance.now() - from > HEARD_WITHIN_MS) throw new Error(`It is still ${seen} and not ${wanted}`);
      await sleep(20);
    }
  }

  beforeAll(async () => {
    testing = await testDatabase();
    env = {
      DATABASE_URL: testing.url,
      BOOTSTRAP_API_KEY: 'gh_dev_local',
      PLUGINS: resolve('test/fixtures/plugins/ledger'),
      LEDGER_URL: 'http://127.0.0.1:9',
    };
  });
  afterAll(async () => {
    await Promise.all([...running].map((server) => server.kill('SIGKILL')));
    await testing.close();
  });

  it('is so in every process, after kill -9 too, until it is enabled', async () => {
    const one = await start('api');
    let [two, worker] = [await start('api'), await start('worker')];
    agentId = (await call(one, 'POST', '/agents', { name: 'clerk', tools: ['ledger.read'] })).id;
    expect(await endOfRun(one)).toBe('succeeded');

    expect(await call(one, 'POST', '/plugins/ledger/disable')).toMatchObject({ status: 'stopped' });
    await becomes('stopped', () => statusOn(two));
    await becomes('plugin_unavailable', () => endOfRun(two));

    for (const server of [two, worker]) await kill(server);
    [two, worker] = [await start('api'), await start('worker')];
    expect(await statusOn(two)).toBe('stopped');
    expect(await endOfRun(two)).toBe('plugin_unavailable');

    expect(await call(two, 'POST', '/plugins/ledger/enable')).toMatchObject({ status: 'active' });
    await becomes('active', () => statusOn(one));
    await becomes('succeeded', () => endOfRun(one));
    await kill(worker);
  });
});
