import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentDefinition, AgentKind, type AgentKindHandler, Plugin, type RunContext } from '@guildhall/sdk';
import { type TestApp, startTestApp } from '@guildhall/testing';

/** Clients that wait for the runs they started, or close the connection before. */

/** By run. */
const underWay = new Map<string, () => void>();

/** Ends when the test says so, or when it is cancelled. */
@AgentKind({ kind: 'test-patient', description: 'For tests' })
class Patient implements AgentKindHandler {
  async run(ctx: RunContext, _agent: AgentDefinition) {
    await new Promise<void>((resolve, reject) => {
      underWay.set(ctx.runId, resolve);
      ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error));
    });
    return { text: 'done', citations: [] };
  }
}

@Plugin({ id: 'patient', version: '0.1.0', compat: '^0.1.0', providers: [Patient] })
class PatientPlugin {}

let house: TestApp;
let agentId: string;

beforeAll(async () => {
  const settings = { MAX_CONCURRENT_REQUESTS: 4, MAX_WAITS_PER_KEY: 12 };
  house = await startTestApp({ plugins: [PatientPlugin], settings });
  agentId = (await house.post('/api/v1/agents', { name: 'patient', kind: 'test-patient' })).body.data.id;
});
afterAll(() => house.close());

const STREAMED = { accept: 'text/event-stream' };
const WAITED = { prefer: 'wait=20' };

/** The id of the run that a client started and left, once it was under way. */
async function leave(headers: Record<string, string>, more: object, path = '/api/v1/runs'): Promise<string> {
  const leaving = new AbortController();
  const metadata = { mark: crypto.randomUUID() };
  const answer = fetch(new URL(path, house.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${house.apiKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ agentId, input: 'wait', metadata, ...more }),
    signal: leaving.signal,
  });
  answer.catch(() => undefined);
  const id = await idOf(metadata.mark);
  await begun(id);
  leaving.abort();
  await expect(answer.then((response) => response.text())).rejects.toMatchObject({ name: 'AbortError' });
  return id;
}

async function idOf(mark: string): Promise<string> {
  for (;;) {
    const runs = (await house.get('/api/v1/runs?limit=5')).body.data as { id: string; metadata: { mark?: string } }[];
    const found = runs.find(({ metadata }) => metadata.mark === mark);
    if (found) return found.id;
    await sleep(10);
  }
}

async function begun(id: string): Promise<() => void> {
  for (;;) {
    const finish = underWay.get(id);
    if (finish) return finish;
    await sleep(10);
  }
}

const finish = async (id: string): Promise<void> => (await begun(id))();

async function status(id: string, wanted: string): Promise<void> {
  for (;;) {
    const { data } = (await house.get(`/api/v1/runs/${id}`)).body;
    if (data.status === wanted) return;
    if (data.completedAt) throw new Error(`${id} is ${data.status}, not ${wanted}`);
    await sleep(10);
  }
}

describe.each([
  ['a stream', STREAMED],
  ['an answer that is waited for', WAITED],
])('a client that leaves %s', (_what, headers) => {
  it('leaves its run to go on', async () => {
    const id = await leave(headers, {});
    await finish(id);
    await status(id, 'succeeded');
  });

  it('cancels its run where it asked for that', async () => {
    await status(await leave(headers, { onDisconnect: 'cancel' }), 'cancelled');
  });
});

describe('onDisconnect: cancel', () => {
  it('holds for a run on a thread too', async () => {
    const { id } = (await house.post('/api/v1/threads', {})).body.data;
    await status(await leave(STREAMED, { onDisconnect: 'cancel' }, `/api/v1/threads/${id}/runs`), 'cancelled');
  });

  it('lets a run go on whose client was answered because the time was up', async () => {
    const body = { agentId, input: 'wait', onDisconnect: 'cancel' };
    const { body: answer } = await house.post('/api/v1/runs', body, { headers: { prefer: 'wait=1' } });
    expect(answer.data.status).toBe('running');
    await finish(answer.data.id);
    await status(answer.data.id, 'succeeded');
  });

  it.each([
    ['needs a connection that lasts', 'cancel', 'no_connection'],
    ['is one of two words', 'abort', 'not_allowed'],
  ])('%s', async (_what, onDisconnect, code) => {
    const { status: answered, body } = await house.post('/api/v1/runs', { agentId, input: 'wait', onDisconnect });
    expect([answered, body.error.details]).toEqual([400, [expect.objectContaining({ path: 'onDisconnect', code })]]);
  });
});

describe('clients that wait', () => {
  it('hold no place of requests that are worked on, and have a limit of their own', async () => {
    const start = (headers: Record<string, string> = WAITED) =>
      house.post('/api/v1/runs', { agentId, input: 'wait' }, { headers });
    const isUnderWay = async (count: number) => {
      while (underWay.size < count) await sleep(10);
    };
    const { id } = (await start({})).body.data;
    await begun(id);
    underWay.clear();
    const starts: ReturnType<typeof start>[] = [];
    for (let n = 1; n <= 8; n++) {
      starts.push(start());
      await isUnderWay(n);
    }
    const waits: ReturnType<typeof start>[] = [];
    for (let n = 1; n <= 4; n++) {
      waits.push(house.get(`/api/v1/runs/${id}/wait`, { headers: WAITED }));
      while (!(await house.get('/metrics')).text.includes(`open_answers ${8 + n}\n`)) await sleep(10);
    }
    expect((await house.get('/metrics')).text).toContain('requests_in_flight 0\n');
    for (const refused of [await start(), await house.get(`/api/v1/runs/${id}/wait`)]) {
      expect([refused.status, refused.body.error.code, refused.body.error.details[0].code]).toEqual([
        429,
        'rate_limited',
        'concurrency',
      ]);
    }
    expect((await house.get('/api/v1/agents')).status).toBe(200);
    for (const waiting of underWay.keys()) await finish(waiting);
    expect((await Promise.all(starts)).map(({ status }) => status)).toEqual(Array(8).fill(200));
    await house.post(`/api/v1/runs/${id}/cancel`);
    expect((await Promise.all(waits)).map(({ body }) => body.data.status)).toEqual(Array(4).fill('cancelled'));
  });
});
