import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  RedisServer,
  type ServerProcess,
  type TestDatabase,
  startServerProcess,
  testDatabase,
} from '@guildhall/testing';

/** APIs and workers in processes of their own, on one Postgres and one Redis. */

const onServer = process.env['TEST_DATABASE_URL'] === undefined ? describe.skip : describe;
const KEY = { authorization: 'Bearer gh_dev_local', 'content-type': 'application/json' };
const WORDS = 30;

interface Frame {
  readonly seq: number;
  readonly type: string;
  /** When it came here, and when it was made, in ms. */
  readonly came: number;
  readonly made: number;
}

/** Answers at once; a question with `hang` never, one with `slow` word by word for three seconds. */
class Model {
  readonly asked: string[] = [];
  /** When clients hung up on an answer that was not over. */
  readonly abandoned: number[] = [];
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      if (request.method === 'GET') return void response.end('{"data":[]}');
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => void this.answer(Buffer.concat(parts).toString(), response));
      response.on('close', () => response.writableFinished || this.abandoned.push(Date.now()));
    });
  }

  async start(): Promise<string> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(text: string, response: ServerResponse): Promise<void> {
    const { stream, messages } = JSON.parse(text) as { stream?: boolean; messages: { content: string }[] };
    const question = messages.at(-1)!.content;
    this.asked.push(question);
    if (question.includes('hang')) return;
    const words = Array.from({ length: WORDS }, (_, n) => `word${n} `);
    if (!stream) return void response.writeHead(200, { 'content-type': 'application/json' }).end(whole(words.join('')));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const word of words) {
      response.write(`data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta: { content: word } }] })}\n\n`);
      if (question.includes('slow')) await sleep(100);
    }
    const end = { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage };
    response.end(`data: ${JSON.stringify(end)}\n\ndata: [DONE]\n\n`);
  }
}

const usage = { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 };
const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' };
const whole = (content: string) =>
  JSON.stringify({
    ...chunk,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage,
  });

jest.setTimeout(120_000);

onServer('several processes', () => {
  const model = new Model();
  let testing: TestDatabase;
  let redis: RedisServer;
  let env: Record<string, string>;
  let api: ServerProcess;
  let agentId: string;
  const running: ServerProcess[] = [];

  const start = async (app: 'api' | 'worker', more: Record<string, string> = {}) => {
    const server = await startServerProcess({ app, env: { ...env, ...more } });
    running.push(server);
    return server;
  };
  async function call(path: string, body?: unknown, on = api) {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${on.url}/api/v1${path}`, { ...init, headers: KEY });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return (JSON.parse(text) as { data: { id: string; status: string } & Record<string, unknown> }).data;
  }
  const begin = (input: string, on = api) => call('/runs', { agentId, input }, on);
  async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<number> {
    const from = performance.now();
    while (!(await condition())) {
      if (performance.now() - from > withinMs) throw new Error(`It did not come to pass within ${withinMs} ms`);
      await sleep(20);
    }
    return performance.now() - from;
  }
  const asks = (question: string) => model.asked.filter((each) => each.startsWith(question)).length;

  /** Everything a stream says until it ends. */
  async function follow(runId: string, on = api) {
    const headers = { ...KEY, accept: 'text/event-stream' };
    const response = await fetch(`${on.url}/api/v1/runs/${runId}/events`, { headers });
    const frames: Frame[] = [];
    let text = '';
    let seen = 0;
    for await (const bytes of response.body!) {
      text += Buffer.from(bytes as Uint8Array).toString();
      for (let end = text.indexOf('\n\n', seen); end >= 0; end = text.indexOf('\n\n', seen)) {
        const data = /^data: (.*)$/m.exec(text.slice(seen, end))?.[1];
        seen = end + 2;
        if (!data) continue;
        const { seq, type, at } = JSON.parse(data) as { seq: number; type: string; at: string };
        frames.push({ seq, type, came: Date.now(), made: Date.parse(at) });
      }
    }
    return { text, frames };
  }
  beforeAll(async () => {
    testing = await testDatabase();
    redis = await RedisServer.start();
    env = {
      DATABASE_URL: testing.url,
      REDIS_URL: redis.url,
      BOOTSTRAP_API_KEY: 'gh_dev_local',
      LOCAL_LLM_BASE_URL: await model.start(),
      RUN_WORKERS: 'false',
    };
    api = await start('api');
    await start('worker', { RUN_WORKERS: 'true' });
    const agent = { name: 'several', instructions: 'Answer.', model: { provider: 'local', name: 'm' } };
    agentId = (await call('/agents', agent)).id;
  });
  afterAll(async () => {
    await Promise.all(running.map((server) => server.kill('SIGKILL')));
    model.stop();
    await redis.dispose();
    await testing.close();
  });

  it('stream in one what another works on, as it comes', async () => {
    const { id } = await begin('slow 1');
    const { frames } = await follow(id);
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1));
    expect(frames.at(-1)!.type).toBe('run.succeeded');
    const late = frames.filter(({ type }) => type === 'message.delta').map(({ came, made }) => came - made);
    expect(late.length).toBeGreaterThan(WORDS / 2);
    expect(late.toSorted((a, b) => a - b)[Math.floor(late.length / 2)]!).toBeLessThan(500);
  });

  async function revokeRow(id: string): Promise<void> {
    const client = new pg.Client({ connectionString: testing.url });
    await client.connect();
    await client.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id]);
    await client.end();
  }

  it.each(['the way of the API', 'a change of the row alone'])(
    'end the streams of a key that ends, by %s',
    async (way) => {
      const other = await start('api');
      const { id, key } = await call('/api-keys', { name: 'k', scopes: ['runs:read'] });
      const run = await begin('hang for good');
      const headers = { authorization: `Bearer ${String(key)}`, accept: 'text/event-stream' };
      const streams = await Promise.all(
        [api, other].map(({ url }) => fetch(`${url}/api/v1/runs/${run.id}/events`, { headers })),
      );
      expect(streams.map(({ status }) => status)).toEqual([200, 200]);
      const texts = Promise.all(streams.map((stream) => stream.text()));
      const endedAt = performance.now();
      if (way.includes('row')) await revokeRow(id);
      else
        await fetch(`${other.url}/api/v1/api-keys/${id}`, {
          method: 'DELETE',
          headers: { authorization: KEY.authorization },
        });
      for (const text of await texts) expect(text.endsWith('\n\n')).toBe(true);
      expect(performance.now() - endedAt).toBeLessThan(5000);
      await call(`/runs/${run.id}/cancel`, {});
    },
  );

  it.each(['SIGSTOP', 'SIGKILL'] as const)('lose no event and little time when Redis gets %s', async (signal) => {
    const { id } = await begin(`slow ${signal}`);
    const following = follow(id);
    await until(() => asks(`slow ${signal}`) === 1, 5_000);
    if (signal === 'SIGSTOP') redis.signal(signal);
    else await redis.stop();
    const { frames } = await following;
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1));
    expect(frames.at(-1)!.type).toBe('run.succeeded');
    expect(Math.max(...frames.map(({ came, made }) => came - made))).toBeLessThan(4_000);
    expect((await call(`/runs/${(await begin('meanwhile')).id}/wait`)).status).toBe('succeeded');
    if (signal === 'SIGSTOP') redis.signal('SIGCONT');
    else await redis.start();
  });

  it('cancel in one what another works on, down to the call of the model, within two seconds', async () => {
    const { id } = await begin('hang 1');
    await until(() => asks('hang 1') === 1, 5_000);
    const from = Date.now();
    expect((await call(`/runs/${id}/cancel`, {})).status).toBe('cancelled');
    await until(() => model.abandoned.some((at) => at >= from), 2_000 - (Date.now() - from));
  });

  it('hand their runs over at once when they are told to end', async () => {
    const second = await start('worker', { RUN_WORKERS: 'true', SHUTDOWN_GRACE_MS: '4000' });
    const first = running[1]!;
    const { id } = await begin('hang 2');
    await until(() => asks('hang 2') === 1, 5_000);
    const workers = [first, second];
    const gone = workers.map((worker) => worker.exited.then(() => worker));
    for (const worker of workers) worker.signal('SIGTERM');
    running.push(await start('worker', { RUN_WORKERS: 'true' }));
    await Promise.all(gone);
    await until(() => asks('hang 2') >= 2, 2_000);
    expect(await Promise.all(workers.map(({ exited }) => exited))).toEqual([0, 0]);
    expect((await call(`/runs/${id}/cancel`, {})).status).toBe('cancelled');
  });

  it('end their streams with the time to come back after, and end', async () => {
    const other = await start('api');
    const { id } = await begin('hang 3', other);
    const following = follow(id, other);
    await until(() => asks('hang 3') === 1, 5_000);
    const from = performance.now();
    expect(await other.kill('SIGTERM')).toBe(0);
    expect(performance.now() - from).toBeLessThan(4_000);
    const { text, frames } = await following;
    expect(text.trimEnd().endsWith('retry: 1000')).toBe(true);
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1));
    await call(`/runs/${id}/cancel`, {});
  });

  it('start the run of one tenant within five seconds though another has ten thousand queued', async () => {
    const hanging = { name: 'many', instructions: 'Answer.', model: { provider: 'local', name: 'm' } };
    const { id: many } = await call('/agents', hanging);
    const client = new pg.Client({ connectionString: testing.url });
    await client.connect();
    await client.query(
      `INSERT INTO runs (id, tenant_id, thread_id, agent_id, agent_version, status, ready, turn, input, origin, streamed, last_seq)
       SELECT 'run_many_' || n, 'default', 'thr_many_' || n, $1, 1, 'queued', true, nextval('thread_turns'), '{"text":"hang many"}',
         '{"requestId":"r","actor":{"kind":"api-key","id":"k","scopes":["*"]}}', true, 1 FROM generate_series(1, 10000) n`,
      [many],
    );
    await until(() => asks('hang many') >= 200, 30_000);
    const tenant = (await call('/tenants', { name: 'late' })) as unknown as { apiKey: { key: string } };
    const headers = { ...KEY, authorization: `Bearer ${tenant.apiKey.key}` };
    const post = (path: string, body: unknown) =>
      fetch(`${api.url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const agent = { name: 'late', instructions: 'Answer.', model: { provider: 'local', name: 'm' } };
    const made = (await (await post('/agents', agent)).json()) as { data: { id: string } };
    await post('/runs', { agentId: made.data.id, input: 'late' });
    await until(() => asks('late') === 1, 5_000);
    await client.query(`DELETE FROM runs WHERE id LIKE 'run_many_%'`);
    await client.end();
  });

  it('keep nothing of five thousand streams that were opened and left', async () => {
    const { id } = await begin('hang 4');
    // Without the connections to the database: the pool keeps for minutes what a crowd made it open.
    const measure = async () => {
      const text = await (await fetch(`${api.url}/metrics`)).text();
      const report = await (await fetch(`${api.url}/health/db`, { headers: KEY })).json();
      const { pool } = report as { pool: { total: number } };
      return Number(/^nodejs_active_handles_total (\d+)/m.exec(text)?.[1]) - pool.total;
    };
    const headers = { ...KEY, accept: 'text/event-stream' };
    const openAndLeave = async (count: number) => {
      for (let n = 0; n < count; n += 50) {
        await Promise.all(
          Array.from({ length: 50 }, async () => {
            const opened = get(`${api.url}/api/v1/runs/${id}/events`, { headers, agent: false });
            const [response] = (await once(opened, 'response')) as [IncomingMessage];
            await once(response, 'data');
            opened.destroy();
          }),
        );
      }
    };
    await openAndLeave(200);
    await sleep(2_000);
    const before = await measure();
    await openAndLeave(5_000);
    await until(async () => (await measure()) <= before + 10, 20_000);
    expect(api.output()).not.toMatch(/MaxListeners|Unhandled/);
    await call(`/runs/${id}/cancel`, {});
  });

  it('have met no fault that nobody handled', () => {
    for (const server of running) expect(server.output()).not.toMatch(/Unhandled|Uncaught/);
  });
});
