import { type Socket, connect } from 'node:net';
import { type ServerProcess, type TestDatabase, startServerProcess, testDatabase } from '@guildhall/testing';

/** One key that crowds a server with the memory of the image, and another tenant that works beside it. */

const KEY = 'gh_dev_local';

jest.setTimeout(240_000);

describe('a server that one key crowds', () => {
  let database: TestDatabase;
  let server: ServerProcess;
  let other: string;
  /** Of a run that no process works on. */
  let runId: string;
  const sockets = new Set<Socket>();

  const call = async (path: string, { key = KEY, body, headers = {} }: Call = {}) => {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as { data: Record<string, never> } };
  };
  /** A connection of its own for these bytes; the status that it answers first. */
  const send = (text: string) =>
    new Promise<number>((resolve, reject) => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text));
      sockets.add(socket);
      socket.once('data', (chunk) => resolve(Number(String(chunk).slice(9, 12))));
      socket.on('error', reject);
    });
  const head = (line: string, ...headers: string[]) =>
    [`${line} HTTP/1.1`, 'host: localhost', `authorization: Bearer ${KEY}`, ...headers, '', ''].join('\r\n');
  const openAnswers = async () => {
    const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${KEY}` } });
    return Number(/^open_answers (\d+)$/m.exec(await metrics.text())![1]);
  };
  const untilOpen = async (count: number) => {
    while ((await openAnswers()) !== count) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  /** What another tenant is answered meanwhile. */
  const beside = async () => {
    const statuses = new Set<number>();
    for (let n = 0; n < 20; n++) {
      statuses.add((await call('/agents', { key: other })).status);
      statuses.add((await call('/threads', { key: other, body: {} })).status);
    }
    return [...statuses].toSorted();
  };

  beforeAll(async () => {
    database = await testDatabase();
    const env = { NODE_OPTIONS: '--max-old-space-size=384', RUN_WORKERS: 'false', BOOTSTRAP_API_KEY: KEY };
    server = await startServerProcess({ env: { ...env, DATABASE_URL: database.url } });
    other = (await call('/tenants', { body: { name: 'other' } })).body.data['apiKey']!['key'];
    const agent = await call('/agents', { body: { name: 'a', kind: 'tool-loop' } });
    runId = (await call('/runs', { body: { agentId: agent.body.data['id'], input: 'hi' } })).body.data['id']!;
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await untilOpen(0);
  });
  afterAll(async () => {
    await server.kill('SIGKILL');
    await database.close();
  });

  it.each([110, 1000])('serves another tenant beside %i requests that wait', async (count) => {
    const statuses: number[] = [];
    for (let n = 0; n < count; n++) {
      void send(head(`GET /api/v1/runs/${runId}/wait`, 'prefer: wait=60')).then((status) => statuses.push(status));
    }
    const refused = Math.max(0, count - 500);
    await untilOpen(count - refused);
    while (statuses.length < refused) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await beside()).toEqual([200, 201]);
    expect(statuses).toEqual(Array(refused).fill(429));
  });

  it('serves another tenant beside 110 bodies that do not come', async () => {
    const type = 'content-type: application/json';
    for (let n = 0; n < 110; n++) void send(`${head('POST /api/v1/runs', type, 'content-length: 1000')}{`);
    expect(await beside()).toEqual([200, 201]);
  });

  it('opens 200 of 1,200 streams of one key, and serves another tenant beside them', async () => {
    const stream = head(`GET /api/v1/runs/${runId}/events`, 'accept: text/event-stream');
    const statuses = await Promise.all(Array.from({ length: 1200 }, () => send(stream)));
    expect([200, 429].map((wanted) => statuses.filter((status) => status === wanted).length)).toEqual([200, 1000]);
    expect(await beside()).toEqual([200, 201]);
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  });
});

interface Call {
  readonly key?: string;
  readonly body?: object;
  readonly headers?: Record<string, string>;
}
