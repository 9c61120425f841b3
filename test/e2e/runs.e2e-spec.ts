import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentDefinition, AgentKind, type AgentKindHandler, Plugin, type RunContext, Tool } from '@guildhall/sdk';
import { type TestApp, startTestApp } from '@guildhall/testing';
import { z } from 'zod';

/** Threads, runs, events and interrupts as a REST consumer meets them. */

const refunds: unknown[] = [];

@Tool({ name: 'test.refund', description: 'Pays back', input: z.object({ amount: z.number() }), effect: 'unsafe' })
class Refund {
  execute(input: unknown) {
    refunds.push(input);
    return { refunded: true };
  }
}

/** Does what its input says: `refund`, `ask`, `wait`, `fail`, or an echo. */
@AgentKind({ kind: 'test-script', description: 'For tests' })
class Script implements AgentKindHandler {
  async run(ctx: RunContext, _agent: AgentDefinition) {
    const text = ctx.input.text ?? '';
    if (text === 'refund') {
      const result = await ctx.tool({ id: 'call_1', tool: 'test.refund', input: { amount: 5 } });
      return { text: result.ok ? 'refunded' : result.error.code, citations: [] };
    }
    if (text === 'ask') {
      const responseSchema = { type: 'string', minLength: 1 };
      const { value } = await ctx.ask({ kind: 'question', prompt: 'Your name?', responseSchema });
      return { text: `Hello ${String(value)}`, citations: [] };
    }
    if (text === 'wait')
      await new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)));
    if (text === 'fail') await ctx.worker('no-such-worker', {});
    const said = await ctx.conversation();
    return { text: `${said.length}: ${text}`, citations: [], data: { context: ctx.input.data ?? null } };
  }
}

@Plugin({ id: 'scripts', version: '0.1.0', compat: '^0.1.0', providers: [Refund, Script] })
class Scripts {}

let house: TestApp;
let agentId: string;

beforeAll(async () => {
  house = await startTestApp({ plugins: [Scripts] });
  const agent = await house.post('/api/v1/agents', {
    name: 'script',
    kind: 'test-script',
    tools: ['test.refund'],
    approvals: [{ tool: 'test.refund', when: 'always' }],
  });
  agentId = agent.body.data.id;
});
afterAll(() => house.close());

const waiting = { headers: { prefer: 'wait=10' } };
const start = async (input: unknown, more: object = {}, path = '/api/v1/runs') =>
  house.post(path, { agentId, input, ...more }, waiting);
const statusOf = async (id: string): Promise<string> => (await house.get(`/api/v1/runs/${id}`)).body.data.status;
async function until(id: string, status: string): Promise<void> {
  for (let i = 0; (await statusOf(id)) !== status; i++) {
    if (i > 200) throw new Error(`The run is ${await statusOf(id)}, not ${status}`);
    await sleep(20);
  }
}

describe('a run', () => {
  it('makes its thread, answers as api.md says, and links to what belongs to it', async () => {
    const answer = await start('hi', { metadata: { source: 'test' } });
    expect(answer.status).toBe(200);
    const run = answer.body.data;
    expect(answer.headers.get('location')).toBe(`/api/v1/runs/${run.id}`);
    expect(run).toMatchObject({
      agentId,
      agentVersion: 1,
      status: 'succeeded',
      input: { text: 'hi' },
      output: { text: '1: hi', citations: [] },
      usage: { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costMicroUsd: 0 },
      attempts: 1,
      metadata: { source: 'test' },
    });
    for (const link of Object.values<string>(run.links)) expect((await house.get(link)).status).toBe(200);
    expect((await house.get(`/api/v1/runs/${run.id}`)).body.data).toEqual(run);
    expect((await house.get(`/api/v1/runs/${run.id}/wait`)).body.data).toEqual(run);
    const used = (await house.get(`/api/v1/runs/${run.id}/usage`)).body.data;
    expect(used).toEqual({ usage: run.usage, steps: [], byModel: [] });
  });

  it('takes input as text, or as text, parts and data; context and version', async () => {
    const { body } = await start(
      { text: 'x', data: { a: [1, null] } },
      { version: 1, context: { userId: 'u', groups: ['group:a'], timeZone: 'Europe/Berlin', locale: 'en-GB' } },
    );
    expect(body.data.output.data).toEqual({ context: { a: [1, null] } });
    const { threadId } = body.data;
    expect((await house.get(`/api/v1/threads/${threadId}`)).body.data.userId).toBe('u');
  });

  it('takes texts among the parts, as chat APIs have them, for its text', async () => {
    const { body } = await start({ parts: [{ type: 'text', text: 'a' }] });
    expect([body.data.input, body.data.output.text]).toEqual([{ text: 'a' }, '1: a']);
  });

  it('names every fault of a bad body', async () => {
    const body = {
      input: {},
      version: 0,
      onBusy: 'maybe',
      context: { timeZone: 'Mars/Olympus', locale: 'xx_yy_zz', role: 'admin' },
      tenantId: 'ten_x',
    };
    const answer = await house.post('/api/v1/runs', body);
    expect(answer.status).toBe(400);
    const paths = answer.body.error.details.map(({ path }: { path: string }) => path);
    for (const path of [
      'agentId',
      'input',
      'version',
      'onBusy',
      'context.timeZone',
      'context.locale',
      'context.role',
      'tenantId',
    ]) {
      expect(paths).toContain(path);
    }
    for (const input of ['', '  ', 7, null, [], { text: 7 }, { other: 1 }]) {
      expect((await house.post('/api/v1/runs', { agentId, input })).status).toBe(400);
    }
    expect((await house.post('/api/v1/runs', { agentId: 'agt_none', input: 'x' })).body.error.code).toBe(
      'agent_not_found',
    );
    const nowhere = await house.post('/api/v1/threads/thr_none/runs', { agentId, input: 'x' });
    expect(nowhere.body.error.code).toBe('thread_not_found');
  });

  it('believes groups only from a key that may name them', async () => {
    const { body } = await house.post('/api/v1/api-keys', { name: 'k', scopes: ['runs:write', 'agents:read'] });
    const key: string = body.data.key;
    const refused = await house.post('/api/v1/runs', { agentId, input: 'x', context: { groups: ['a'] } }, { key });
    expect(refused.status).toBe(403);
    expect(refused.body.error.message).toContain('knowledge:groups');
    expect((await house.post('/api/v1/runs', { agentId, input: 'x' }, { key })).status).toBe(202);
  });

  it('is made once for 20 parallel requests with one key', async () => {
    const headers = { 'idempotency-key': 'once', prefer: 'wait=10' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => house.post('/api/v1/runs', { agentId, input: 'once' }, { headers })),
    );
    const ids = new Set(answers.filter(({ status }) => status < 300).map(({ body }) => body.data.id));
    expect(ids.size).toBe(1);
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
  });

  it('is found again by its key when its caller left before the answer', async () => {
    const impatient = new AbortController();
    const headers = { authorization: `Bearer ${house.apiKey}`, 'idempotency-key': 'left', prefer: 'wait=10' };
    const request = { agentId, input: 'wait' };
    const left = fetch(new URL('/api/v1/runs', house.url), {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal: impatient.signal,
    }).catch(() => 'gone');
    const working = async () => (await house.get(`/api/v1/runs?agentId=${agentId}&status=running`)).body.data[0];
    let run = await working();
    while (!run) run = await working();
    impatient.abort();
    expect(await left).toBe('gone');
    const again = () => house.post('/api/v1/runs', request, { headers: { ...headers, prefer: 'wait=1' } });
    let answer = await again();
    while (answer.body.error?.code === 'idempotency_in_progress') answer = await again();
    expect([answer.status, answer.body.data]).toMatchObject([202, { id: run.id, status: 'running' }]);
    await house.post(`/api/v1/runs/${run.id}/cancel`);
  });

  it('is listed by status, agent and thread, page by page', async () => {
    const { threadId } = (await start('one')).body.data;
    await start('two', {}, `/api/v1/threads/${threadId}/runs`);
    const first = await house.get(`/api/v1/runs?threadId=${threadId}&limit=1&total=true`);
    expect(first.body.meta.pagination).toMatchObject({ count: 1, hasMore: true, total: 2 });
    const cursor = first.body.meta.pagination.nextCursor;
    const second = await house.get(`/api/v1/runs?threadId=${threadId}&limit=1&cursor=${cursor}`);
    expect([first, second].map(({ body }) => body.data[0].input.text)).toEqual(['two', 'one']);
    expect((await house.get(`/api/v1/threads/${threadId}/runs`)).body.data).toHaveLength(2);
    expect((await house.get(`/api/v1/runs?agentId=${agentId}&status=succeeded`)).body.data.length).toBeGreaterThan(1);
    expect((await house.get('/api/v1/runs?status=done')).status).toBe(400);
    expect((await house.get(`/api/v1/runs?limit=1&cursor=${cursor}`)).status).toBe(400);
  });

  it('is listed by the user it is for: its own, or else that of its thread', async () => {
    const thread = async (userId: string) => (await house.post('/api/v1/threads', { userId })).body.data.id;
    const [anns, bobs] = [await thread('ann'), await thread('bob')];
    const onThread = async (id: string, more: object) =>
      (await start('hi', more, `/api/v1/threads/${id}/runs`)).body.data.id;
    const waited = await onThread(anns, {});
    const queued = await house.post(`/api/v1/threads/${anns}/runs`, { agentId, input: 'hi' });
    await until(queued.body.data.id, 'succeeded');
    const asAnn = (await start('hi', { context: { userId: 'ann', locale: 'en' } })).body.data;
    const [ofBob, inBobsThread] = [await onThread(bobs, {}), await onThread(bobs, { context: { userId: 'ann' } })];
    const idsOf = async (path: string): Promise<string[]> =>
      (await house.get(path)).body.data.map(({ id }: { id: string }) => id);
    const ofAnn = [inBobsThread, asAnn.id, queued.body.data.id, waited];
    expect(await idsOf('/api/v1/runs?userId=ann')).toEqual(ofAnn);
    expect(await idsOf(`/api/v1/runs?userId=ann&threadId=${bobs}`)).toEqual([inBobsThread]);
    expect(await idsOf('/api/v1/runs?userId=bob')).toEqual([ofBob]);
    expect(await idsOf('/api/v1/threads?userId=ann')).toEqual([asAnn.threadId, anns]);
    expect(await idsOf('/api/v1/threads?userId=an')).toEqual([]);
    for (const [list, total] of [
      ['runs', 4],
      ['threads', 2],
    ] as const) {
      const { pagination } = (await house.get(`/api/v1/${list}?userId=ann&limit=1&total=true`)).body.meta;
      expect(pagination).toMatchObject({ hasMore: true, total });
      const cursor = encodeURIComponent(pagination.nextCursor);
      expect((await house.get(`/api/v1/${list}?userId=ann&limit=1&cursor=${cursor}`)).status).toBe(200);
      expect((await house.get(`/api/v1/${list}?userId=bob&limit=1&cursor=${cursor}`)).status).toBe(400);
      expect((await house.get(`/api/v1/${list}?userId=`)).status).toBe(400);
      expect((await house.get(`/api/v1/${list}?userId=${'u'.repeat(201)}`)).status).toBe(400);
    }
    const stranger = await house.otherTenant('elsewhere');
    expect((await house.get('/api/v1/runs?userId=ann', { key: stranger })).body.data).toEqual([]);
    expect((await house.get('/api/v1/threads?userId=ann', { key: stranger })).body.data).toEqual([]);
  });

  it('goes on when its agent is archived: it is answered, its thread takes no new one', async () => {
    const made = await house.post('/api/v1/agents', { name: 'leaving', kind: 'test-script' });
    const { id } = made.body.data;
    const asked = (await house.post('/api/v1/runs', { agentId: id, input: 'ask' }, waiting)).body.data;
    const queued = await house.post(`/api/v1/threads/${asked.threadId}/runs`, { agentId: id, input: 'hi' });
    expect([asked.status, queued.body.data.status]).toEqual(['waiting', 'queued']);
    expect((await house.delete(`/api/v1/agents/${id}`)).body.data.archivedAt).not.toBeNull();
    await house.post(`/api/v1/runs/${asked.id}/resume`, { decision: 'done', value: 'Ada' });
    for (const runId of [asked.id, queued.body.data.id]) await until(runId, 'succeeded');
    const refused = await house.post(`/api/v1/threads/${asked.threadId}/runs`, { agentId: id, input: 'hi' });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.body.error.code).toBe('agent_archived');
  });

  it('is cancelled while it works, and no second time differently', async () => {
    const { body } = await house.post('/api/v1/runs', { agentId, input: 'wait' });
    await until(body.data.id, 'running');
    const began = performance.now();
    const answer = await house.post(`/api/v1/runs/${body.data.id}/cancel`);
    expect(answer.body.data).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
    expect(performance.now() - began).toBeLessThan(2000);
    expect((await house.post(`/api/v1/runs/${body.data.id}/cancel`)).status).toBe(200);
    const finished = (await start('hi')).body.data.id;
    expect((await house.post(`/api/v1/runs/${finished}/cancel`)).body.error.code).toBe('run_already_finished');
    expect((await house.post(`/api/v1/runs/${finished}/retry`)).status).toBe(409);
  });

  it('is retried on the same id after it failed', async () => {
    const failed = (await start('fail')).body.data;
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'invalid_reference' }, attempts: 1 });
    const retried = await house.post(`/api/v1/runs/${failed.id}/retry`);
    expect(retried.status).toBe(202);
    expect(retried.body.data).toMatchObject({ id: failed.id, attempts: 2 });
    await until(failed.id, 'failed');
    expect((await house.get(`/api/v1/runs/${failed.id}/steps`)).body.data).toEqual([
      expect.objectContaining({ kind: 'worker', name: 'no-such-worker', status: 'failed', attempt: 2 }),
    ]);
  });

  it('is retried with another version of its agent', async () => {
    const agent = await house.post('/api/v1/agents', { name: 'mended', kind: 'test-script', instructions: '' });
    const { id } = agent.body.data;
    const failed = (await house.post('/api/v1/runs', { agentId: id, input: 'fail' }, waiting)).body.data;
    expect(failed).toMatchObject({ status: 'failed', agentVersion: 1 });
    const retry = (body: unknown) => house.post(`/api/v1/runs/${failed.id}/retry`, body);
    for (const version of [0, 1.5, '2', 'draft', 2 ** 31, null]) {
      const refused = await retry({ version });
      expect([refused.status, refused.body.error.details?.[0].path]).toEqual([400, 'version']);
    }
    expect((await retry({ version: 7 })).body.error.code).toBe('agent_version_not_found');
    expect((await retry({ agentVersion: 1 })).status).toBe(400);
    await house.patch(`/api/v1/agents/${id}`, { instructions: 'mended' });
    await house.post(`/api/v1/agents/${id}/versions`, {});
    await house.post(`/api/v1/agents/${id}/versions/2/publish`);
    await until(failed.id, 'failed');
    expect((await retry({ version: 'published' })).body.data).toMatchObject({ id: failed.id, agentVersion: 2 });
    await until(failed.id, 'failed');
    const events = (await house.get(`/api/v1/runs/${failed.id}/events`)).body.data;
    expect(events.findLast(({ type }: { type: string }) => type === 'run.resumed').payload).toEqual({
      attempt: 2,
      agentVersion: 2,
    });
  });
});

describe('the events of a run', () => {
  const stream = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${house.apiKey}`, accept: 'text/event-stream', ...init.headers };
    const response = await fetch(new URL(path, house.url), { ...init, headers, signal: AbortSignal.timeout(10_000) });
    return { response, text: await response.text() };
  };
  const idsOf = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

  it('resume after each of them, by header or query, and are the same as a page', async () => {
    const { id } = (await start('hi')).body.data;
    const path = `/api/v1/runs/${id}/events`;
    const { response, text } = await stream(path);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(text.startsWith('retry: 2000\n\n')).toBe(true);
    const ids = idsOf(text);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    const end = ids.pop()!;
    for (const last of ids) {
      expect(idsOf((await stream(path, { headers: { 'last-event-id': String(last) } })).text)).toEqual(
        [...ids, end].slice(last),
      );
      expect(idsOf((await stream(`${path}?after=${last}`)).text)).toEqual([...ids, end].slice(last));
    }
    const over = [
      await stream(path, { headers: { 'last-event-id': String(end) } }),
      await stream(`${path}?after=${end}`),
    ];
    expect(over.map(({ response, text: rest }) => [response.status, rest])).toEqual([
      [204, ''],
      [204, ''],
    ]);
    expect((await house.get(`${path}?after=${end}`)).body.data).toEqual([]);
    const page = await house.get(`${path}?after=1&limit=1`);
    expect(page.body.data).toEqual([expect.objectContaining({ seq: 2, type: 'run.started', runId: id })]);
    expect(page.body.meta.pagination).toMatchObject({ count: 1, hasMore: true });
    const frames = text.split('\n\n').flatMap((block) => /^data: (.*)$/m.exec(block)?.[1] ?? []);
    expect((await house.get(`${path}?limit=1000`)).body.data).toEqual(frames.map((data) => JSON.parse(data)));
  });

  it('are no stream for who refuses one', async () => {
    const { id } = (await start('hi')).body.data;
    const headers = { accept: 'application/json, text/event-stream;q=0' };
    const page = await house.get(`/api/v1/runs/${id}/events`, { headers });
    expect(page.body.data[0]).toMatchObject({ seq: 1, type: 'run.created' });
    const started = await house.post('/api/v1/runs', { agentId, input: 'hi' }, { headers });
    expect([started.status, started.headers.get('content-type')]).toEqual([202, 'application/json; charset=utf-8']);
  });

  it('refuse what is no position, and a stream that cannot begin has a real status', async () => {
    const { id } = (await start('hi')).body.data;
    expect((await stream(`/api/v1/runs/${id}/events`, { headers: { 'last-event-id': 'x' } })).response.status).toBe(
      400,
    );
    expect((await house.get(`/api/v1/runs/${id}/events?after=-1`)).status).toBe(400);
    expect((await house.get(`/api/v1/runs/${id}/events?limit=1001`)).status).toBe(400);
    expect((await stream('/api/v1/runs/run_none/events')).response.status).toBe(404);
    const body = JSON.stringify({ agentId: 'agt_none', input: 'x' });
    const headers = { 'content-type': 'application/json' };
    expect((await stream('/api/v1/runs', { method: 'POST', body, headers })).response.status).toBe(404);
  });

  it('stream on the request that starts the run', async () => {
    const body = JSON.stringify({ agentId, input: 'hi\n\nevent: run.failed\ndata: {}' });
    const { response, text } = await stream('/api/v1/runs', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(200);
    const types = [...text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type);
    expect(types[0]).toBe('run.created');
    expect(types.at(-1)).toBe('run.succeeded');
    expect(types).not.toContain('run.failed');
  });

  describe('on a keyed request', () => {
    const sse = { accept: 'text/event-stream' };
    const keyed = (key: string, input: string, headers: Record<string, string> = {}, path = '/api/v1/runs') =>
      house.post(path, { agentId, input }, { headers: { 'idempotency-key': key, ...headers } });
    const replayed = (...answers: { headers: Headers }[]) =>
      answers.map(({ headers }) => headers.get('idempotency-replayed'));

    it('are streamed again from the first one on, and nothing starts again', async () => {
      const { threadId } = (await start('before')).body.data;
      for (const path of ['/api/v1/runs', `/api/v1/threads/${threadId}/runs`]) {
        const first = await keyed(path, 'hi', sse, path);
        const second = await keyed(path, 'hi', sse, path);
        expect([second.status, second.text]).toEqual([200, first.text]);
        expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'));
        expect(replayed(first, second)).toEqual([null, 'true']);
      }
      expect((await house.get(`/api/v1/threads/${threadId}/runs`)).body.data).toHaveLength(2);
    });

    it('are not what a repeat without a stream gets: that is the run, waited for as it asks', async () => {
      const first = keyed('streamed', 'ask', sse);
      const running = async () => (await house.get(`/api/v1/runs?agentId=${agentId}&status=waiting`)).body.data[0];
      let run = await running();
      while (!run) run = await running();
      const plain = await keyed('streamed', 'ask');
      expect([plain.status, plain.body.data, plain.headers.get('location')]).toEqual([202, run, run.links.self]);
      await house.post(`/api/v1/runs/${run.id}/resume`, { decision: 'done', value: 'Ada' });
      const waited = await keyed('streamed', 'ask', { prefer: 'wait=10' });
      expect([waited.status, waited.body.data]).toMatchObject([200, { id: run.id, output: { text: 'Hello Ada' } }]);
      expect(replayed(await first, plain, waited)).toEqual([null, 'true', 'true']);
    });

    it('are not streamed where the first answer was the run: that is repeated', async () => {
      const first = await keyed('waited', 'hi', { prefer: 'wait=10' });
      const second = await keyed('waited', 'hi', sse);
      expect([second.status, second.body.data]).toEqual([200, first.body.data]);
      expect(replayed(first, second)).toEqual([null, 'true']);
    });

    it('are gone with their thread: the repeat says so, and starts no other run', async () => {
      const first = await keyed('gone', 'hi', sse);
      const { runId, threadId } = JSON.parse(/^data: (.*)$/m.exec(first.text)![1]!);
      expect((await house.delete(`/api/v1/threads/${threadId}`)).status).toBe(204);
      const second = await keyed('gone', 'hi', sse);
      expect([second.status, second.body.error.code]).toEqual([404, 'run_not_found']);
      const [newest] = (await house.get('/api/v1/runs?limit=1')).body.data;
      expect(newest.id < runId).toBe(true);
    });
  });
});

describe('a thread', () => {
  it('is made, read, changed, listed and deleted with its runs', async () => {
    const made = await house.post('/api/v1/threads', { title: 'Returns', userId: 'u', metadata: { a: 1 } });
    expect(made.status).toBe(201);
    const { id } = made.body.data;
    const path = `/api/v1/threads/${id}`;
    const changed = await house.patch(path, { metadata: { b: 2 } });
    expect(changed.body.data).toMatchObject({ title: 'Returns', userId: 'u', metadata: { b: 2 } });
    expect((await house.get('/api/v1/threads')).body.data[0].id).toBe(id);
    const run = (await start('hi', {}, `${path}/runs`)).body.data;
    expect((await house.delete(path)).status).toBe(204);
    expect((await house.get(path)).body.error.code).toBe('thread_not_found');
    expect((await house.get(`/api/v1/runs/${run.id}`)).status).toBe(404);
    expect((await house.get(`/api/v1/runs/${run.id}/events`)).status).toBe(404);
    expect((await house.delete(path)).status).toBe(404);
  });

  it('keeps messages in order, stores more without a run, and forks at any of them', async () => {
    const { threadId } = (await start('first')).body.data;
    const path = `/api/v1/threads/${threadId}`;
    const at = '2026-01-02T03:04:05.000Z';
    const stored = await house.post(`${path}/messages`, { role: 'user', text: 'stored', at });
    expect(stored.status).toBe(201);
    expect(stored.body.data).toMatchObject({ role: 'user', text: 'stored', at });
    const after = (await start('second', {}, `${path}/runs`)).body.data;
    expect(after.output.text).toBe('4: second');
    const texts = async (of: string) =>
      (await house.get(`/api/v1/threads/${of}/messages`)).body.data.map(({ text }: { text: string }) => text);
    expect(await texts(threadId)).toEqual(['4: second', 'second', 'stored', '1: first', 'first']);
    const fork = await house.post(`${path}/fork`, { messageId: stored.body.data.id });
    expect(fork.status).toBe(201);
    expect(await texts(fork.body.data.id)).toEqual(['stored', '1: first', 'first']);
    expect((await house.post(`${path}/fork`, { messageId: 'msg_none' })).body.error.code).toBe('message_not_found');
    const page = await house.get(`${path}/messages?limit=2`);
    const cursor = page.body.meta.pagination.nextCursor;
    const rest = await house.get(`${path}/messages?limit=2&cursor=${cursor}`);
    expect(rest.body.data.map(({ text }: { text: string }) => text)).toEqual(['stored', '1: first']);
  });

  it('has one run at a time: the next queues, is refused, or takes its place', async () => {
    const { id } = (await house.post('/api/v1/threads', {})).body.data;
    const runs = `/api/v1/threads/${id}/runs`;
    const first = (await house.post(runs, { agentId, input: 'wait' })).body.data;
    await until(first.id, 'running');
    const queued = await house.post(runs, { agentId, input: 'queued' });
    expect(queued.body.data.status).toBe('queued');
    const refused = await house.post(runs, { agentId, input: 'x', onBusy: 'reject' });
    expect(refused.status).toBe(409);
    expect(refused.body.error.code).toBe('thread_busy');
    await house.post(`/api/v1/runs/${first.id}/cancel`);
    await until(queued.body.data.id, 'succeeded');

    const second = (await house.post(runs, { agentId, input: 'wait' })).body.data;
    await until(second.id, 'running');
    const instead = await start('instead', { onBusy: 'interrupt' }, runs);
    expect(instead.body.data.status).toBe('succeeded');
    expect(await statusOf(second.id)).toBe('cancelled');
  });
});

describe('an interrupt', () => {
  it('asks a question, checks the answer, and lets the run go on', async () => {
    const run = await start('ask');
    expect(run.status).toBe(202);
    expect(run.body.data.status).toBe('waiting');
    const { body } = await house.get(`/api/v1/interrupts?runId=${run.body.data.id}`);
    const [interrupt] = body.data;
    expect(interrupt).toMatchObject({ kind: 'question', prompt: 'Your name?', status: 'pending' });
    expect((await house.get(`/api/v1/interrupts/${interrupt.id}`)).body.data).toEqual(interrupt);
    const respond = `/api/v1/interrupts/${interrupt.id}/respond`;
    expect((await house.post(respond, { decision: 'done', value: '' })).body.error.details[0].path).toBe('value');
    expect((await house.post(respond, { decision: 'maybe' })).status).toBe(400);
    expect((await house.post(respond, { decision: 'done', value: 'Ada' })).status).toBe(200);
    await until(run.body.data.id, 'succeeded');
    expect((await house.get(`/api/v1/runs/${run.body.data.id}`)).body.data.output.text).toBe('Hello Ada');
    expect((await house.post(respond, { decision: 'done', value: 'Eve' })).status).toBe(409);
    expect((await house.post(`/api/v1/runs/${run.body.data.id}/resume`, { decision: 'done' })).body.error.code).toBe(
      'run_not_waiting',
    );
  });

  it('holds an unsafe tool until a person approves exactly this call', async () => {
    const run = (await start('refund')).body.data;
    expect(run.status).toBe('waiting');
    expect(refunds).toEqual([]);
    const [interrupt] = (await house.get(`/api/v1/interrupts?runId=${run.id}`)).body.data;
    expect(interrupt).toMatchObject({ kind: 'approval', toolCall: { tool: 'test.refund', input: { amount: 5 } } });
    const keyWith = async (...scopes: string[]): Promise<{ id: string; key: string }> =>
      (await house.post('/api/v1/api-keys', { name: 'k', scopes })).body.data;
    const [starter, approver] = [await keyWith('runs:write'), await keyWith('runs:approve')];
    const respond = `/api/v1/interrupts/${interrupt.id}/respond`;
    for (const path of [respond, `/api/v1/runs/${run.id}/resume`]) {
      expect((await house.post(path, { decision: 'approve' }, starter)).body.error).toMatchObject({ status: 403 });
      const changed = await house.post(path, { decision: 'approve', value: { amount: 500 } }, approver);
      expect([changed.status, changed.body.error.details[0].path]).toEqual([400, 'value']);
    }
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => house.post(respond, { decision: 'approve' }, approver)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).not.toContain(500);
    await until(run.id, 'succeeded');
    expect(refunds).toEqual([{ amount: 5 }]);
    expect((await house.get(`/api/v1/interrupts/${interrupt.id}`)).body.data.respondedBy).toBe(approver.id);
    const steps = (await house.get(`/api/v1/runs/${run.id}/steps`)).body.data;
    expect(steps.map(({ kind, status }: { kind: string; status: string }) => [kind, status]).toSorted()).toEqual([
      ['interrupt', 'succeeded'],
      ['tool', 'succeeded'],
    ]);
  });
});

describe('a restart', () => {
  it('resumes what was queued, keeps what was said, and answers questions asked before', async () => {
    const { testDatabase } = await import('@guildhall/testing');
    const database = await testDatabase({ persistent: true });
    const before = await startTestApp({ plugins: [Scripts], database });
    const agent = await before.post('/api/v1/agents', { name: 's', kind: 'test-script' });
    const body = { agentId: agent.body.data.id, input: 'ask' };
    const asked = (await before.post('/api/v1/runs', body, waiting)).body.data;
    const working = (await before.post('/api/v1/runs', { ...body, input: 'wait' })).body.data;
    await before.close();

    const after = await startTestApp({ plugins: [Scripts], database });
    try {
      expect((await after.get(`/api/v1/runs/${asked.id}`)).body.data.status).toBe('waiting');
      await after.post(`/api/v1/runs/${asked.id}/resume`, { decision: 'done', value: 'Ada' });
      const ended = await after.get(`/api/v1/runs/${asked.id}/wait`);
      expect(ended.body.data).toMatchObject({ status: 'succeeded', output: { text: 'Hello Ada' } });
      const cancelled = await after.post(`/api/v1/runs/${working.id}/cancel`);
      expect(cancelled.body.data).toMatchObject({ status: 'cancelled', attempts: 1 });
    } finally {
      await after.close();
      await database.close();
    }
  });
});
