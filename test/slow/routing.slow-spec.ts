import { FakeModel, type TestApp, startTestApp } from '@guildhall/testing';

/** Longer than a busy machine needs for the calls made while a provider is left alone. */
const OPEN_MS = 1500;
const WEIGHTS = { health: 0.1, cost: 0.2, performance: 0.3, preference: 0.4 };

interface Row {
  readonly provider: string;
  readonly score: number;
  readonly parts: typeof WEIGHTS;
  readonly weights: typeof WEIGHTS;
  readonly state: string;
}

describe('routing, from outside', () => {
  let house: TestApp;
  const models: FakeModel[] = [];

  const start = async (settings: object = {}) => {
    house = await startTestApp({ settings: { BREAKER_OPEN_MS: OPEN_MS, ...settings } });
  };
  const provider = async (id: string, more: object = {}, key?: string): Promise<FakeModel> => {
    const model = (await FakeModel.start()).otherwise({ text: `from ${id}` });
    models.push(model);
    const body = { id, kind: 'openai-compatible', baseUrl: model.baseUrl, models: [{ name: 'm' }], ...more };
    const { status } = await house.post('/api/v1/providers', body, key === undefined ? {} : { key });
    expect(status).toBe(201);
    return model;
  };
  const chat = (model = 'default', key?: string) => {
    const messages = [{ role: 'user', content: 'Hi' }];
    return house.post('/openai/v1/chat/completions', { model, messages }, key === undefined ? {} : { key });
  };
  const said = async (model = 'default'): Promise<string> => {
    const { status, body, text } = await chat(model);
    if (status !== 200) throw new Error(`${status}: ${text}`);
    return body.choices[0].message.content as string;
  };
  const ranking = async (): Promise<Row[]> => (await house.get('/api/v1/providers/ranking')).body.data;
  const row = async (id: string) => (await ranking()).find((one) => one.provider === id)!;
  const metric = async (line: string): Promise<number> => {
    const { text } = await house.get('/metrics');
    const found = text.split('\n').find((one) => one.startsWith(line));
    return found === undefined ? 0 : Number(found.slice(line.length).trim());
  };
  const eventually = async (what: () => Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 10_000;
    while (!(await what())) {
      if (Date.now() > deadline) throw new Error('It never came to be');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  afterEach(async () => {
    await house.close();
    await Promise.all(models.splice(0).map((model) => model.stop()));
  });

  it('ranks by the sum of the weighted parts it shows', async () => {
    const text = Object.entries(WEIGHTS).map(([name, weight]) => `${name}=${weight}`);
    await start({ ROUTING_WEIGHTS: text.join(',') });
    const models = [{ name: 'm', inputPricePerMTok: 2_000_000, outputPricePerMTok: 9_000_000 }];
    const [, failing] = [await provider('dear', { models }), await provider('failing'), await provider('free')];
    failing.otherwise({ status: 500 });
    for (let i = 0; i < 3; i++) {
      for (const id of ['dear/m', 'failing/m', 'free/m']) await chat(id);
    }
    const rows = await ranking();
    expect(rows).toHaveLength(3);
    rows.forEach(({ parts, weights, score }, index) => {
      expect(weights).toEqual(WEIGHTS);
      const sum = (Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[]).reduce(
        (all, part) => all + WEIGHTS[part] * parts[part],
        0,
      );
      expect(score).toBeCloseTo(sum, 5);
      expect(score).toBeLessThanOrEqual(rows[index - 1]?.score ?? 1);
    });
    const part = (id: string) => rows.find(({ provider }) => provider === id)!.parts;
    expect(part('dear').cost).toBeCloseTo(1 / (1 + 0.75 * 2 + 0.25 * 9), 4);
    expect(part('free').cost).toBe(1);
    expect(part('failing').health).toBeLessThan(part('free').health);
  });

  it('does not call a provider that failed five times, and it comes back by itself', async () => {
    await start();
    const [broken] = [await provider('broken'), await provider('other')];
    broken.otherwise({ status: 401 });
    const from = Date.now();
    for (let i = 0; i < 5; i++) await chat('broken/m');
    expect(broken.requests).toHaveLength(5);
    expect(await row('broken')).toMatchObject({ state: 'open', parts: { health: 0 } });
    for (let i = 0; i < 10; i++) expect(await said()).toBe('from other');
    expect(broken.requests).toHaveLength(5);
    expect((await house.get('/health')).body.components.models).toEqual({ status: 'degraded', detail: 'broken open' });
    expect(await metric('model_provider_endpoints{provider="broken",state="open"}')).toBe(1);

    // Still broken: the service finds out by itself, no sooner than the breaker allows.
    await broken.received(6);
    expect(Date.now() - from).toBeGreaterThanOrEqual(OPEN_MS);
    broken.otherwise({ text: 'from broken' });
    await eventually(async () => (await row('broken')).state === 'closed');
    expect(broken.requests.at(-1)!.body.messages).toEqual([{ role: 'user', content: 'Say OK.' }]);
    expect(await said('broken/m')).toBe('from broken');
    expect((await house.get('/health')).body.components.models).toEqual({ status: 'healthy' });
    expect(await metric('model_provider_endpoints{provider="broken",state="open"}')).toBe(0);
  });

  it('leaves coming back to calls of users where probes are switched off', async () => {
    await start({ PROVIDER_PROBES: false, BREAKER_OPEN_MS: 100 });
    const broken = await provider('broken');
    broken.otherwise({ status: 401 });
    for (let i = 0; i < 5; i++) await chat('broken/m');
    broken.otherwise({ text: 'from broken' });
    await eventually(async () => (await row('broken')).state === 'half_open');
    expect(broken.requests).toHaveLength(5);
    expect(await said()).toBe('from broken');
    expect(await row('broken')).toMatchObject({ state: 'closed' });
  });

  it('stops probing a provider that was removed', async () => {
    await start({ BREAKER_OPEN_MS: 100 });
    const broken = await provider('broken');
    broken.otherwise({ status: 401 });
    for (let i = 0; i < 5; i++) await chat('broken/m');
    await house.delete('/api/v1/providers/broken');
    const before = broken.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(broken.requests).toHaveLength(before);
    expect(await metric('model_provider_endpoints{provider="broken",state="open"}')).toBe(0);
  });

  it('shares a hundred calls evenly between two equal providers, one by one and at once', async () => {
    await start();
    const [one, two] = [await provider('one'), await provider('two')];
    for (let i = 0; i < 100; i++) await said();
    expect(one.requests.length).toBeGreaterThanOrEqual(45);
    expect(one.requests.length).toBeLessThanOrEqual(55);
    expect(one.requests.length + two.requests.length).toBe(100);
    await Promise.all(Array.from({ length: 40 }, () => said()));
    expect(Math.abs(one.requests.length - two.requests.length)).toBeLessThanOrEqual(12);
    const ids = (await ranking()).map(({ provider: id }) => id);
    expect(ids.toSorted()).toEqual(['one', 'two']);
  });

  it('lets a preference flip a close pair', async () => {
    await start();
    await provider('near', { models: [{ name: 'm', inputPricePerMTok: 10_000 }] });
    await provider('far', { models: [{ name: 'm', inputPricePerMTok: 90_000 }] });
    const agent = async (preferences: object) => {
      const { body } = await house.post('/api/v1/agents', { name: `a${Math.random()}`, model: { preferences } });
      const run = await house.post(
        '/api/v1/runs',
        { agentId: body.data.id, input: 'Hi' },
        { headers: { prefer: 'wait=20' } },
      );
      return run.body.data.output.text as string;
    };
    expect((await ranking()).map(({ provider: id }) => id)).toEqual(['near', 'far']);
    for (let i = 0; i < 4; i++) expect(await agent({ near: 0.6 })).toBe('from near');
    for (let i = 0; i < 4; i++) expect(await agent({ far: 0.9 })).toBe('from far');
  });

  it('asks a provider that allows four calls at a time for fewer and fewer, and fails nobody', async () => {
    await start();
    const only = await provider('only');
    let running = 0;
    let refused = 0;
    only.otherwise(() => {
      if (running >= 4) {
        refused++;
        return { status: 429 };
      }
      running++;
      const done = new Promise<void>((resolve) => setTimeout(resolve, 30)).then(() => void running--);
      return { chunks: [done, 'served'] };
    });
    const stream = () =>
      house.post('/openai/v1/chat/completions', {
        model: 'only/m',
        stream: true,
        messages: [{ role: 'user', content: 'Hi' }],
      });
    for (let wave = 0; wave < 3; wave++) {
      const answers = await Promise.all(Array.from({ length: 12 }, stream));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
      expect(answers.every(({ text }) => text.includes('served'))).toBe(true);
    }
    // All twelve at once each time would have been refused far more often.
    expect(refused).toBeLessThan(24);
    expect(await row('only')).toMatchObject({ state: 'closed' });
  });

  it('counts requests after failover, and tenants’ providers together', async () => {
    await start();
    const tenant = (await house.post('/api/v1/tenants', { name: 'other' })).body.data.apiKey.key as string;
    const broken = await provider('broken');
    broken.otherwise({ status: 500 });
    await provider('works', { models: [{ name: 'm', inputPricePerMTok: 500_000 }] });
    await provider('secret-name', {}, tenant);
    expect(await said()).toBe('from works');
    expect((await chat('secret-name/m', tenant)).status).toBe(403);
    expect(await metric('model_requests_total{outcome="succeeded"}')).toBe(1);
    expect(await metric('model_failovers_total{provider="broken"}')).toBe(1);
    expect(await metric('model_calls_total{provider="broken",outcome="unavailable"}')).toBe(1);
    expect(await metric('model_calls_total{provider="works",outcome="succeeded"}')).toBe(1);
    const { text } = await house.get('/metrics');
    expect(text).toContain('provider="tenant"');
    expect(text).not.toContain('secret-name');
  });
});
