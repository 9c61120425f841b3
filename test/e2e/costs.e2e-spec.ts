import { EVENT_BUS, type EventBus } from '@guildhall/sdk';
import { FakeModel, type FakeReply, type FakeScript, type TestApp, startTestApp } from '@guildhall/testing';

interface UsageRow {
  readonly provider: string;
  readonly model: string;
  readonly calls: number;
  readonly costMicroUsd: number;
}

/** Micro-USD per million tokens. */
const PRICES = { inputPricePerMTok: 500_000, cachedInputPricePerMTok: 125_000, outputPricePerMTok: 2_000_000 };
const DEAR = { inputPricePerMTok: 3_000_000, outputPricePerMTok: 15_000_000 };

describe('what model calls cost', () => {
  let house: TestApp;
  let model: FakeModel;
  let dear: FakeModel;

  beforeAll(async () => {
    [model, dear] = [await FakeModel.start(), await FakeModel.start()];
    // A tenant alone has nine tenths of the places, and crowds of a hundred calls come here.
    house = await startTestApp({ settings: { OUTBOUND_ALLOW: ['127.0.0.1'], MAX_CONCURRENT_REQUESTS: 200 } });
  });
  beforeEach(() => {
    model.reset();
    dear.reset();
  });
  afterAll(async () => {
    await house.close();
    await model.stop();
    await dear.stop();
  });

  let tenants = 0;
  /** A tenant of its own, with a cheap provider and, where asked for, a dear one that is preferred. */
  async function tenant({ failover = false, kind = 'openai-compatible' } = {}) {
    const made = await house.post('/api/v1/tenants', { name: `T${++tenants}` });
    const { key } = made.body.data.apiKey as { key: string };
    const post = (path: string, body: object, headers: Record<string, string> = {}) =>
      house.post(path, body, { key, headers });
    const get = (path: string) => house.get(path, { key });
    const small = [{ name: 'small', ...PRICES }];
    await post('/api/v1/providers', { id: 'cheap', kind, baseUrl: model.baseUrl, models: small });
    if (failover) {
      const large = [{ name: 'large', ...DEAR }];
      await post('/api/v1/providers', { id: 'dear', kind, baseUrl: dear.baseUrl, models: large });
    }
    const reference = failover
      ? { provider: 'dear', name: 'large', fallback: true }
      : { provider: 'cheap', name: 'small' };
    const agent = await post('/api/v1/agents', { name: 'support', instructions: 'Be brief.', model: reference });
    const agentId = agent.body.data.id as string;
    const run = async (stream = false) => {
      const accept: Record<string, string> = stream ? { accept: 'text/event-stream' } : { prefer: 'wait=10' };
      const answer = await post('/api/v1/runs', { agentId, input: 'Hi', context: { userId: 'u1' } }, accept);
      const id = stream ? (/"runId":"(run_[^"]+)"/.exec(answer.text)?.[1] ?? '') : (answer.body.data.id as string);
      return (await get(`/api/v1/runs/${id}`)).body.data;
    };
    const chat = (body: object = {}) =>
      post('/openai/v1/chat/completions', {
        model: failover ? 'default' : 'cheap/small',
        messages: [{ role: 'user', content: 'Hi' }],
        ...body,
      });
    const usage = async (query = ''): Promise<UsageRow[]> => {
      const answer = await get(`/api/v1/usage?${query}`);
      expect(answer.status).toBe(200);
      return answer.body.data as UsageRow[];
    };
    return { key, post, get, agentId, run, chat, usage };
  }

  const reply = (more: object = {}): FakeReply => ({
    text: 'Four.',
    usage: { inputTokens: 1001, cachedTokens: 400, outputTokens: 33, reasoningTokens: 20 },
    ...more,
  });
  // 601 × 0.5 + 400 × 0.125 + 33 × 2 = 300.5 + 50 + 66 = 416.5, rounded half up.
  const COUNTED = { inputTokens: 1001, cachedTokens: 400, outputTokens: 33, reasoningTokens: 20, costMicroUsd: 417 };
  const BROKEN_USAGE = { prompt_tokens: 100, completion_tokens: 10 };
  /** Counted by its vendor, and still no answer: it never says that it is at its end. */
  const broken: FakeScript = ({ body: { stream } }) => {
    if (!stream) return { raw: JSON.stringify({ choices: [{ message: { content: 'Fo' } }], usage: BROKEN_USAGE }) };
    const events = [{ choices: [{ index: 0, delta: { content: 'Fo' } }] }, { choices: [], usage: BROKEN_USAGE }];
    const raw = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
    return { raw, contentType: 'text/event-stream' };
  };
  // 100 × 3 + 10 × 15
  const BROKEN = { inputTokens: 100, outputTokens: 10, cachedTokens: 0, costMicroUsd: 450 };

  it('is counted to the micro-USD, streamed or not, on the run, its step, its thread and in /usage', async () => {
    const own = await tenant();
    model.otherwise(reply());
    for (const stream of [false, true]) {
      const run = await own.run(stream);
      expect(run).toMatchObject({ status: 'succeeded', usage: COUNTED });
      const { usage, steps, byModel } = (await own.get(`/api/v1/runs/${run.id}/usage`)).body.data;
      expect(usage).toEqual(COUNTED);
      expect(steps).toEqual([{ stepId: expect.any(String), name: 'cheap/small', status: 'succeeded', usage: COUNTED }]);
      expect(byModel).toEqual([{ provider: 'cheap', model: 'small', calls: 1, ...COUNTED }]);
      expect((await own.get(`/api/v1/threads/${run.threadId}`)).body.data.usage).toEqual(COUNTED);
      expect((await own.get(`/api/v1/runs/${run.id}/steps`)).body.data[0].usage).toEqual(COUNTED);
    }
    expect(await own.usage()).toEqual([
      {
        day: new Date().toISOString().slice(0, 10),
        provider: 'cheap',
        model: 'small',
        calls: 2,
        failedCalls: 0,
        unreportedCalls: 0,
        inputTokens: 2002,
        cachedTokens: 800,
        outputTokens: 66,
        reasoningTokens: 40,
        costMicroUsd: 834,
      },
    ]);
    expect(await own.usage('groupBy=agent,user')).toMatchObject([{ agentId: own.agentId, userId: 'u1', calls: 2 }]);
  });

  it('is counted for calls of the gateway alike, by the user they name', async () => {
    const own = await tenant();
    model.otherwise(reply());
    expect((await own.chat({ user: 'ann' })).status).toBe(200);
    expect((await own.chat({ user: 'ann', stream: true })).text).toContain('[DONE]');
    expect((await own.chat()).status).toBe(200);
    const { reasoningTokens, ...counted } = COUNTED;
    expect(await own.usage('groupBy=user')).toMatchObject([
      { userId: 'ann', calls: 2, reasoningTokens: 2 * reasoningTokens, costMicroUsd: 2 * counted.costMicroUsd },
      { userId: '', calls: 1, ...COUNTED },
    ]);
    model.script({ embeddings: [[1, 0]], usage: { inputTokens: 1000, outputTokens: 0 } });
    await own.post('/openai/v1/embeddings', { model: 'cheap/small', input: 'x', user: 'bob' });
    expect(await own.usage('userId=bob&groupBy=model')).toMatchObject([
      { model: 'small', inputTokens: 1000, costMicroUsd: 500 },
    ]);
  });

  it.each([false, true])('is both attempts of a call that failed over (stream: %s)', async (stream) => {
    const own = await tenant({ failover: true });
    dear.otherwise(broken);
    model.otherwise(reply());
    const run = await own.run(stream);
    expect(run).toMatchObject({
      status: 'succeeded',
      usage: { inputTokens: 1101, outputTokens: 43, cachedTokens: 400, reasoningTokens: 20, costMicroUsd: 867 },
    });
    const { byModel, steps } = (await own.get(`/api/v1/runs/${run.id}/usage`)).body.data;
    expect(byModel).toEqual([
      { provider: 'cheap', model: 'small', calls: 1, ...COUNTED },
      { provider: 'dear', model: 'large', calls: 1, ...BROKEN },
    ]);
    expect(steps[0].usage).toMatchObject({
      ...run.usage,
      attempts: [
        { provider: 'dear', costMicroUsd: 450 },
        { provider: 'cheap', costMicroUsd: 417 },
      ],
    });
    expect(await own.usage('groupBy=provider')).toMatchObject([
      { provider: 'dear', calls: 1, failedCalls: 1, unreportedCalls: 0, ...BROKEN },
      { provider: 'cheap', calls: 1, failedCalls: 0, ...COUNTED },
    ]);
  });

  it('is what was spent on a run that failed', async () => {
    const own = await tenant();
    // Nobody else is there, so the same one is asked three times.
    model.otherwise(broken);
    const run = await own.run();
    // 100 × 0.5 + 10 × 2
    expect(run).toMatchObject({ status: 'failed', usage: { inputTokens: 300, outputTokens: 30, costMicroUsd: 210 } });
    const { steps } = (await own.get(`/api/v1/runs/${run.id}/usage`)).body.data;
    expect(steps).toMatchObject([{ status: 'failed', usage: run.usage }]);
    expect(await own.usage('groupBy=')).toMatchObject([{ calls: 3, failedCalls: 3, costMicroUsd: 210 }]);
  });

  it('is said to be unknown where a vendor does not say, and never made up', async () => {
    const own = await tenant();
    model.script({ raw: '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}' });
    expect((await own.chat()).status).toBe(200);
    model.script({ chunks: ['He', 'llo'], end: 'cut' });
    expect((await own.chat({ stream: true })).text).toContain('error');
    model.script({ status: 400, message: 'no' });
    await own.chat();
    expect(await own.usage('groupBy=')).toMatchObject([
      { calls: 3, failedCalls: 2, unreportedCalls: 2, inputTokens: 0, outputTokens: 0, costMicroUsd: 0 },
    ]);
  });

  it.each([
    ['groupBy=color', 'groupBy'],
    ['groupBy=day,day', 'groupBy'],
    ['from=yesterday', 'from'],
    ['from=2026-02-30', 'from'],
    ['from=2026-11-02&to=2026-11-01', 'from'],
    ['colour=red', 'colour'],
  ])('/usage?%s is refused', async (query, path) => {
    const { status, body } = await house.get(`/api/v1/usage?${query}`);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'validation_failed', details: [{ path }] });
  });

  it('is nobody else’s to see', async () => {
    const [mine, other] = [await tenant(), await tenant()];
    model.otherwise(reply());
    await mine.chat();
    expect(await other.usage()).toEqual([]);
    const { body } = await mine.post('/api/v1/api-keys', { name: 'runner', scopes: ['runs:write'] });
    expect((await house.get('/api/v1/usage', { key: body.data.key })).status).toBe(403);
  });

  describe('and may cost', () => {
    /** 100 × 0.5 + 100 × 2 */
    const cheapReply: FakeReply = { text: 'Four.', usage: { inputTokens: 100, outputTokens: 100 } };
    const COST = 250;
    /** What a call sets aside at most: a long answer, and a short question. */
    const WORST = 4096 * 2 + 200;
    const budget = async (own: Awaited<ReturnType<typeof tenant>>, body: object) => {
      const made = await own.post('/api/v1/budgets', {
        scope: 'tenant',
        period: 'month',
        limitMicroUsd: COST,
        ...body,
      });
      expect(made.status).toBe(201);
      return made.body.data as { id: string };
    };
    const left = async (own: Awaited<ReturnType<typeof tenant>>, id: string) =>
      (await own.get(`/api/v1/budgets/${id}`)).body.data as { spentMicroUsd: number; reservedMicroUsd: number };

    it('is set, shown, changed and removed by administrators', async () => {
      const own = await tenant();
      const made = await own.post('/api/v1/budgets', {
        name: 'Ann',
        scope: 'user',
        scopeId: 'ann',
        period: 'day',
        limitMicroUsd: 1000,
      });
      const tomorrow = new Date(Math.ceil((Date.now() + 1) / 86_400_000) * 86_400_000).toISOString();
      expect(made.body.data).toEqual({
        id: expect.stringMatching(/^bud_/),
        name: 'Ann',
        scope: 'user',
        scopeId: 'ann',
        period: 'day',
        limitMicroUsd: 1000,
        hard: true,
        spentMicroUsd: 0,
        reservedMicroUsd: 0,
        remainingMicroUsd: 1000,
        resetsAt: tomorrow,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      });
      const { id } = made.body.data;
      const path = `/api/v1/budgets/${id}`;
      expect(made.headers.get('location')).toBe(path);
      model.otherwise(cheapReply);
      await own.chat({ user: 'ann' });
      await own.chat({ user: 'bob' });
      expect((await own.get(path)).body.data).toMatchObject({ spentMicroUsd: COST, remainingMicroUsd: 1000 - COST });

      const request = { key: own.key, headers: { 'if-match': made.headers.get('etag')! } };
      const changed = await house.patch(path, { limitMicroUsd: 100, name: null }, request);
      expect(changed.body.data).toMatchObject({ name: null, limitMicroUsd: 100, remainingMicroUsd: 0 });
      expect((await house.patch(path, { hard: false }, request)).status).toBe(412);
      expect((await own.chat({ user: 'ann' })).status).toBe(429);
      expect((await own.get('/api/v1/budgets?total=true')).body).toMatchObject({
        data: [{ id }],
        meta: { pagination: { total: 1 } },
      });
      const reader = (await own.post('/api/v1/api-keys', { name: 'r', scopes: ['models:write'] })).body.data.key;
      expect((await house.delete(path, { key: reader })).status).toBe(403);
      expect((await house.delete(path, { key: own.key })).status).toBe(204);
      expect((await own.get(path)).status).toBe(404);
      expect((await own.chat({ user: 'ann' })).status).toBe(200);
    });

    it.each([
      [{ scope: 'agent' }, 'scopeId'],
      [{ scope: 'agent', scopeId: 'agt_01jd3fz8r0tq4v7m2x9s5n6k8p' }, 'scopeId'],
      [{ scope: 'tenant', scopeId: 'x' }, 'scopeId'],
      [{ scope: 'provider', scopeId: 'nobody' }, 'scopeId'],
      [{ scope: 'moon' }, 'scope'],
      [{ period: 'week' }, 'period'],
      [{ limitMicroUsd: -1 }, 'limitMicroUsd'],
      [{ limitMicroUsd: 0.5 }, 'limitMicroUsd'],
      [{ hard: 'yes' }, 'hard'],
      [{ name: null }, 'name'],
    ])('is refused as %o', async (body, path) => {
      const whole = { scope: 'tenant', period: 'day', limitMicroUsd: 1, ...body };
      const answer = await house.post('/api/v1/budgets', whole);
      expect({ status: answer.status, body: answer.body }).toMatchObject({
        status: 400,
        body: { error: { details: expect.arrayContaining([expect.objectContaining({ path })]) } },
      });
    });

    it('is not overshot by a hundred runs at once on a budget for one', async () => {
      const own = await tenant();
      const { id } = await budget(own, { scope: 'agent', scopeId: own.agentId, name: 'Support' });
      model.otherwise(cheapReply);
      const runs = await Promise.all(Array.from({ length: 100 }, () => own.run()));
      const failed = runs.filter(({ status }) => status === 'failed');
      expect(runs.length - failed.length).toBe(1);
      expect(model.requests).toHaveLength(1);
      expect(failed[0].error).toMatchObject({
        code: 'budget_exceeded',
        category: 'rate_limit',
        message: expect.stringMatching(/^Cost limit exceeded: the budget 'Support' of agent /),
      });
      expect(await left(own, id)).toMatchObject({ spentMicroUsd: COST, reservedMicroUsd: 0 });
      expect(await own.usage('groupBy=')).toMatchObject([{ calls: 1, costMicroUsd: COST }]);
    });

    it('is overshot by no more than what one call may cost, whatever calls turn out to cost', async () => {
      const own = await tenant();
      const { id } = await budget(own, { limitMicroUsd: 40_000 });
      model.otherwise(() => ({
        text: 'x',
        usage: { inputTokens: 10, outputTokens: 100 * (model.requests.length % 40) },
      }));
      const answers = await Promise.all(Array.from({ length: 100 }, () => own.chat()));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
      const { spentMicroUsd, reservedMicroUsd } = await left(own, id);
      const [{ costMicroUsd }] = (await own.usage('groupBy=')) as [UsageRow];
      expect({ spentMicroUsd, reservedMicroUsd }).toEqual({ spentMicroUsd: costMicroUsd, reservedMicroUsd: 0 });
      expect(spentMicroUsd).toBeGreaterThanOrEqual(40_000);
      expect(spentMicroUsd).toBeLessThan(40_000 + WORST);
    });

    it('passes a provider over that has spent its own, and the ranking says so', async () => {
      const own = await tenant();
      const large = [{ name: 'large', ...DEAR }];
      const limited = { id: 'dear', kind: 'openai-compatible', baseUrl: dear.baseUrl, models: large };
      await own.post('/api/v1/providers', { ...limited, budgetMicroUsdPerDay: 300 });
      dear.otherwise(cheapReply);
      model.otherwise(cheapReply);
      const reference = { provider: 'dear', name: 'large', fallback: true };
      const agent = await own.post('/api/v1/agents', { name: 'dear first', instructions: 'x', model: reference });
      const within = async () =>
        Object.fromEntries(
          ((await own.get('/api/v1/providers/ranking')).body.data as { provider: string; withinBudget: boolean }[]).map(
            ({ provider, withinBudget }) => [provider, withinBudget],
          ),
        );
      expect(await within()).toMatchObject({ dear: true, cheap: true });
      const run = async () => {
        const body = { agentId: agent.body.data.id, input: 'Hi' };
        return (await own.post('/api/v1/runs', body, { prefer: 'wait=10' })).body.data;
      };
      await run();
      expect(await within()).toMatchObject({ dear: false, cheap: true });
      const second = await run();
      expect(second.status).toBe('succeeded');
      expect([dear.requests.length, model.requests.length]).toEqual([1, 1]);
      const events = (await own.get(`/api/v1/runs/${second.id}/events?limit=100`)).body.data as {
        type: string;
        payload: object;
      }[];
      expect(events.find(({ type }) => type === 'provider.failed_over')?.payload).toEqual({
        from: 'dear',
        to: 'cheap',
        reason: 'budget_exceeded',
      });
    });

    it('is told to clients of OpenAI in their words', async () => {
      const own = await tenant();
      await budget(own, { limitMicroUsd: 0, name: 'Closed' });
      for (const stream of [false, true]) {
        const { status, body, headers } = await own.chat({ stream });
        expect({ status, body }).toEqual({
          status: 429,
          body: {
            error: {
              type: 'insufficient_quota',
              code: 'insufficient_quota',
              message: expect.stringMatching(/^Cost limit exceeded: the budget 'Closed' /),
              param: null,
            },
          },
        });
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      }
      expect(model.requests).toHaveLength(0);
    });

    it('is only told of where the budget is soft', async () => {
      const own = await tenant();
      const told: unknown[] = [];
      const stop = house.app.get<EventBus>(EVENT_BUS).on('budget.exceeded', ({ data }) => void told.push(data));
      const { id } = await budget(own, { hard: false });
      model.otherwise(cheapReply);
      for (let i = 0; i < 3; i++) expect((await own.chat()).status).toBe(200);
      expect(await left(own, id)).toMatchObject({ spentMicroUsd: 3 * COST });
      stop();
      expect(told).toMatchObject([{ budgetId: id, hard: false, limitMicroUsd: COST }]);
    });

    it('keeps the worst case as spent of a call whose vendor began and never said what it cost', async () => {
      const own = await tenant();
      const { id } = await budget(own, { limitMicroUsd: 1_000_000 });
      model.script({ chunks: ['He', 'llo'], end: 'cut' }, { status: 400, message: 'no' });
      await own.chat({ stream: true, max_tokens: 1000 });
      const { spentMicroUsd } = await left(own, id);
      expect(spentMicroUsd).toBeGreaterThanOrEqual(2000);
      expect(spentMicroUsd).toBeLessThan(2100);
      await own.chat({ max_tokens: 1000 });
      expect(await left(own, id)).toMatchObject({ spentMicroUsd, reservedMicroUsd: 0 });
    });
  });

  describe('at a provider that lies about usage', () => {
    const choices = [{ index: 0, message: { role: 'assistant', content: 'Four.' }, finish_reason: 'stop' }];
    /** `counts` as JSON, for what JavaScript would write in another way. */
    const lie =
      (counts: string): FakeScript =>
      ({ body: { stream } }) => {
        if (!stream) return { raw: `{"choices":${JSON.stringify(choices)},"usage":${counts}}` };
        const [delta, end] = [{ content: 'Four.' }, {}].map((one) => JSON.stringify(one));
        const chunk = (what: string, reason: string) =>
          `data: {"choices":[{"index":0,"delta":${what},"finish_reason":${reason}}]}\n\n`;
        const raw = `${chunk(delta!, 'null')}${chunk(end!, '"stop"')}data: {"choices":[],"usage":${counts}}\n\ndata: [DONE]\n\n`;
        return { raw, contentType: 'text/event-stream' };
      };
    const counts = (tokens: string) => `{"prompt_tokens":${tokens},"completion_tokens":${tokens}}`;
    const LIES = ['9007199254740991', '1e300', '1e999', '-5', '1.5', '"12"', '[]'];
    const DEAREST = { inputPricePerMTok: 1_000_000_000_000, outputPricePerMTok: 1_000_000_000_000 };

    const liar = async () => {
      const own = await tenant();
      const models = [{ name: 'large', ...DEAREST }];
      await own.post('/api/v1/providers', { id: 'liar', kind: 'openai-compatible', baseUrl: dear.baseUrl, models });
      await own.post('/api/v1/budgets', { scope: 'tenant', period: 'day', limitMicroUsd: 1_000_000, hard: false });
      const reference = { provider: 'liar', name: 'large' };
      const agent = await own.post('/api/v1/agents', { name: 'victim', model: reference });
      const run = async (headers: { readonly prefer?: string; readonly accept?: string }) => {
        const started = await own.post('/api/v1/runs', { agentId: agent.body.data.id, input: 'Hi' }, { ...headers });
        const id = /run_[0-9a-z]+/.exec(started.text)![0];
        return (await own.get(`/api/v1/runs/${id}`)).body.data as { status: string; usage: Record<string, number> };
      };
      return { ...own, run };
    };

    it.each(LIES)('is believed what can be true, and nobody else notices: %s', async (tokens) => {
      const [own, other] = [await liar(), await tenant()];
      dear.otherwise(lie(counts(tokens)));
      model.otherwise(reply());
      for (const headers of [{ prefer: 'wait=10' }, { accept: 'text/event-stream' }]) {
        const run = await own.run(headers);
        expect(run.status).toBe('succeeded');
        const most = { inputTokens: 100_000_000, costMicroUsd: 200_000_000_000_000 };
        expect(run.usage).toMatchObject(/^[19]/.test(tokens) && tokens !== '1.5' ? most : { inputTokens: 0 });
      }
      const body = { model: 'liar/large', messages: [{ role: 'user', content: 'Hi' }] };
      for (const stream of [false, true]) {
        expect((await own.post('/openai/v1/chat/completions', { ...body, stream })).status).toBe(200);
      }
      const [row] = await own.usage('provider=liar');
      expect(row).toMatchObject({ calls: 4 });
      for (const count of Object.values(row!).filter((value) => typeof value === 'number')) {
        expect(Number.isSafeInteger(count)).toBe(true);
      }
      expect((await own.get('/api/v1/budgets')).status).toBe(200);

      await other.post('/api/v1/budgets', { scope: 'tenant', period: 'day', limitMicroUsd: 1_000_000 });
      expect(await other.run()).toMatchObject({ status: 'succeeded', usage: COUNTED });
      expect(await other.usage()).toMatchObject([{ calls: 1, costMicroUsd: 417 }]);
    });

    it('is no way past the bounds of a request, with or without a budget', async () => {
      const own = await liar();
      const body = { model: 'liar/large', messages: [{ role: 'user', content: 'Hi' }] };
      for (const [field, value] of Object.entries({
        max_tokens: '1e300',
        n: '1e305',
        max_completion_tokens: '1e999',
      })) {
        const raw = `${JSON.stringify(body).slice(0, -1)},"${field}":${value}}`;
        const answer = await fetch(`${house.url}/openai/v1/chat/completions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${own.key}`, 'content-type': 'application/json' },
          body: raw,
        });
        expect([field, answer.status]).toEqual([field, 400]);
        expect(await answer.text()).toContain(field);
      }
      expect(await own.usage()).toEqual([]);
    });
  });
});
