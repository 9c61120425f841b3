import type { ModelGateway, ModelSignal, RequestContext } from '@guildhall/sdk';
import { MODEL_GATEWAY } from '@guildhall/sdk';
import { FakeModel, type TestApp, type TestDatabase, startTestApp, testDatabase } from '@guildhall/testing';
import { FIRST_PARTY } from '../../apps/shared/src/first-party.js';
import { Database } from '../../libs/core/src/database/database.js';
import { pluginOf } from '../../libs/sdk/src/plugin.js';

const CANARY = 'sk-canary-7f3a9c51e8d24b60';
const ENVIRONMENT_KEY = 'gsk_environment0123456789';

describe('/providers and /models', () => {
  let database: TestDatabase;
  let house: TestApp;
  let model: FakeModel;

  beforeAll(async () => {
    model = await FakeModel.start();
    database = await testDatabase({ migrations: FIRST_PARTY.flatMap((plugin) => pluginOf(plugin)?.migrations ?? []) });
    house = await startTestApp({ database, settings: { GROQ_API_KEY: ENVIRONMENT_KEY } });
  });
  beforeEach(() => model.reset());
  afterAll(async () => {
    await house.close();
    await database.close();
    await model.stop();
  });

  const fake = (id: string, more: object = {}) => ({
    id,
    kind: 'openai-compatible',
    baseUrl: model.baseUrl,
    apiKey: CANARY,
    models: [{ name: 'small', inputPricePerMTok: 500_000, outputPricePerMTok: 1_000_000 }],
    ...more,
  });
  const store = async (id: string, more: object = {}, key?: string) => {
    const answer = await house.post('/api/v1/providers', fake(id, more), key === undefined ? {} : { key });
    expect(answer.status).toBe(201);
    return answer;
  };
  const tenant = async (name: string): Promise<{ id: string; key: string }> => {
    const { body } = await house.post('/api/v1/tenants', { name });
    return { id: body.data.id, key: body.data.apiKey.key };
  };
  const keyWith = async (...scopes: string[]): Promise<string> =>
    (await house.post('/api/v1/api-keys', { name: scopes.join(' '), scopes })).body.data.key;
  /** What the run engine does. */
  const generate = (reference: object, tenantId = 'default', onSignal?: (signal: ModelSignal) => void) => {
    const ctx = {
      tenantId,
      actor: { kind: 'system', id: 'test', scopes: ['*'] },
      requestId: 'test',
      signal: new AbortController().signal,
      logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    } as RequestContext;
    const request = { model: reference, messages: [{ role: 'user', text: 'Hi' } as const] };
    return house.app.get<ModelGateway>(MODEL_GATEWAY).generate(ctx, request, onSignal);
  };

  it('lists every provider with the fields of all catalogues, and says why some cannot be used', async () => {
    const { status, body } = await house.get('/api/v1/providers');
    expect(status).toBe(200);
    const ids = body.data.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(['anthropic', 'builtin', 'google', 'groq', 'huggingface', 'local', 'openai', 'together']);
    expect(body.data.find(({ id }: { id: string }) => id === 'builtin')).toEqual({
      id: 'builtin',
      kind: 'builtin',
      name: 'builtin',
      description: expect.any(String),
      plugin: 'models',
      status: 'healthy',
      source: 'builtin',
      hasApiKey: false,
      priority: 100,
      models: [{ name: 'extractive' }],
    });
    expect(body.data.find(({ id }: { id: string }) => id === 'groq')).toMatchObject({
      status: expect.stringMatching(/^un(verified|healthy)$/),
      source: 'environment',
      hasApiKey: true,
      baseUrl: 'https://api.groq.com/openai/v1',
    });
    expect(body.data.find(({ id }: { id: string }) => id === 'together')).toMatchObject({
      status: 'unavailable',
      reason: 'Set TOGETHER_API_KEY, or store a provider with POST /api/v1/providers',
    });
    expect(body.data.find(({ id }: { id: string }) => id === 'local').reason).toContain('LOCAL_LLM_BASE_URL');
    expect(JSON.stringify(body)).not.toContain(ENVIRONMENT_KEY);
  });

  it('pages the catalogues', async () => {
    const first = await house.get('/api/v1/providers?limit=3&total=true');
    expect(first.body.meta.pagination).toMatchObject({ limit: 3, count: 3, hasMore: true, total: 8 });
    const next = await house.get(`/api/v1/providers?limit=3&cursor=${first.body.meta.pagination.nextCursor}`);
    expect(next.body.data.map(({ id }: { id: string }) => id)).toEqual(['groq', 'huggingface', 'local']);
  });

  it('lists models as <provider>/<model>', async () => {
    const { body } = await house.get('/api/v1/models?limit=100');
    expect(body.data).toContainEqual({
      id: 'builtin/extractive',
      kind: 'chat',
      name: 'extractive',
      description: 'extractive of builtin',
      plugin: 'models',
      status: 'available',
      provider: 'builtin',
    });
  });

  it('stores a provider that works at once, and never shows its key', async () => {
    const created = await store('mine', {
      priority: 2,
      budgetMicroUsdPerDay: 1e15,
      timeouts: { totalMs: 5000, connectMs: 1000 },
    });
    expect(created.headers.get('location')).toBe('/api/v1/providers/mine');
    expect(created.body.data).toEqual({
      id: 'mine',
      kind: 'openai-compatible',
      name: 'mine',
      description: expect.any(String),
      plugin: null,
      status: 'healthy',
      source: 'stored',
      baseUrl: model.baseUrl,
      hasApiKey: true,
      priority: 2,
      models: [{ name: 'small', inputPricePerMTok: 500_000, outputPricePerMTok: 1_000_000 }],
      budgetMicroUsdPerDay: 1e15,
      timeouts: { totalMs: 5000, connectMs: 1000 },
    });
    model.script({ text: 'Hello', usage: { inputTokens: 1000, outputTokens: 10 } });
    await expect(generate({ provider: 'mine', name: 'small' })).resolves.toMatchObject({
      text: 'Hello',
      provider: 'mine',
      model: 'small',
      usage: { costMicroUsd: 510 },
    });
    expect(model.requests[0]?.headers.authorization).toBe(`Bearer ${CANARY}`);

    const shown = [await house.get('/api/v1/providers/mine'), await house.get('/api/v1/providers?limit=100')];
    for (const { text } of [created, ...shown]) expect(text).not.toContain(CANARY);
    const rows = await house.app.get(Database).manager.query('SELECT * FROM model_providers');
    expect(JSON.stringify(rows)).not.toContain(CANARY);
    const events = await house.app.get(Database).manager.query('SELECT action, target_id, detail FROM audit_events');
    expect(events).toContainEqual({
      action: 'provider.created',
      target_id: 'mine',
      detail: { kind: 'openai-compatible' },
    });
  });

  it('tests a provider with one real call and says what came of it', async () => {
    await store('probed');
    model.script({ text: 'OK' }, { status: 401, message: `Incorrect API key provided: ${CANARY}` });
    const works = await house.post('/api/v1/providers/probed/test');
    expect(works.status).toBe(200);
    expect(works.body.data).toEqual({ ok: true, provider: 'probed', model: 'small', latencyMs: expect.any(Number) });
    const fails = await house.post('/api/v1/providers/probed/test');
    expect(fails.body.data).toMatchObject({
      ok: false,
      error: { code: 'provider_unavailable', message: "Provider 'probed' does not accept the API key: check it" },
    });
    expect(fails.text).not.toContain(CANARY);
    const unset = await house.post('/api/v1/providers/together/test');
    expect(unset.body.data).toMatchObject({ ok: false, model: null, error: { code: 'provider_unavailable' } });
    await expect(house.post('/api/v1/providers/builtin/test')).resolves.toMatchObject({ body: { data: { ok: true } } });
  });

  it('fails over between stored providers and ranks the healthy first', async () => {
    const { id, key } = await tenant('ranked');
    const allowed = { baseUrl: 'https://llm.example.org/v1' };
    await store('one', { ...allowed, priority: 1 }, key);
    await store('two', { ...allowed, priority: 2, models: [{ name: 'dear', inputPricePerMTok: 9_000_000 }] }, key);
    const { body } = await house.get('/api/v1/providers/ranking', { key });
    const rows = body.data.filter(({ provider }: { provider: string }) => provider !== 'groq');
    expect(rows.map(({ provider }: { provider: string }) => provider)).toEqual(['one', 'two']);
    for (const { score, parts, weights, state, model: name } of body.data) {
      expect(weights).toEqual({ health: 0.4, cost: 0.3, performance: 0.2, preference: 0.1 });
      const sum = Object.entries(weights as Record<string, number>).reduce(
        (all, [part, weight]) => all + weight * parts[part],
        0,
      );
      expect(score).toBeCloseTo(sum, 5);
      expect(state).toBe('closed');
      expect(name).toEqual(expect.any(String));
    }
    expect(id).toMatch(/^ten_/);
  });

  it('tells in order what happens when one provider fails and the next answers', async () => {
    await store('first', { priority: 1 });
    await store('second', { priority: 2 });
    model.otherwise((request) => (request.body.model === 'bad' ? { status: 503 } : { text: 'from the second' }));
    const signals: ModelSignal[] = [];
    const reply = await generate({ provider: 'first', name: 'bad', fallback: true }, 'default', (signal) =>
      signals.push(signal),
    );
    expect(reply.text).toBe('from the second');
    expect(signals[0]).toEqual({ type: 'selected', provider: 'first', model: 'bad' });
    expect(signals[1]).toMatchObject({ type: 'failed-over', from: 'first', reason: 'provider_unavailable' });
    expect(signals.flatMap((signal) => (signal.type === 'delta' ? [signal.text] : [])).join('')).toBe(reply.text);
  });

  it('keeps tenants’ providers apart', async () => {
    await store('private');
    const other = await tenant('other');
    for (const path of ['/api/v1/providers/private', '/api/v1/providers/nothing']) {
      const { status, body } = await house.get(path, { key: other.key });
      expect([status, body.error.code]).toEqual([404, 'provider_not_found']);
    }
    expect((await house.delete('/api/v1/providers/private', { key: other.key })).status).toBe(404);
    expect((await house.post('/api/v1/providers/private/test', undefined, { key: other.key })).status).toBe(404);
    await expect(generate({ provider: 'private', name: 'small' }, other.id)).rejects.toMatchObject({
      code: 'invalid_reference',
    });
  });

  it('guards the addresses of tenants, not those of the system administrator', async () => {
    const { key } = await tenant('curious');
    await store('inside', {}, key);
    const { body } = await house.post('/api/v1/providers/inside/test', undefined, { key });
    expect(body.data).toMatchObject({ ok: false, error: { code: 'outbound_blocked' } });
    expect(model.requests).toHaveLength(0);
  });

  it('removes a stored provider, and the environment’s of the same id shows again', async () => {
    await store('groq');
    expect((await house.get('/api/v1/providers/groq')).body.data.source).toBe('stored');
    expect((await house.delete('/api/v1/providers/groq')).status).toBe(204);
    expect((await house.get('/api/v1/providers/groq')).body.data.source).toBe('environment');
    const kept = await house.delete('/api/v1/providers/groq');
    expect([kept.status, kept.body.error.code]).toEqual([409, 'conflict']);
  });

  it('refuses a second provider of one id', async () => {
    await store('twice');
    const { status, body } = await house.post('/api/v1/providers', fake('twice'));
    expect([status, body.error.code]).toEqual([409, 'duplicate_record']);
  });

  it.each([
    ['id', { id: 'Not A Slug' }],
    ['id', { id: 'builtin' }],
    ['id', { id: 'ranking' }],
    ['kind', { kind: 'telepathy' }],
    ['kind', { kind: 'builtin' }],
    ['baseUrl', { baseUrl: 'ftp://example.org' }],
    ['baseUrl', { baseUrl: 'https://user:pass@example.org/v1' }],
    ['baseUrl', { baseUrl: 'https://example.org/v1?key=1' }],
    ['baseUrl', { baseUrl: undefined }],
    ['baseUrl', { baseUrl: null }],
    ['apiKey', { apiKey: 'two words' }],
    ['apiKey', { apiKey: 'line\r\nbreak' }],
    ['apiKey', { apiKey: '' }],
    ['priority', { priority: 0 }],
    ['priority', { priority: null }],
    ['models', { models: [] }],
    ['models', { models: [{ name: 'a' }, { name: 'a' }] }],
    ['models', { models: [null] }],
    ['models[0].name', { models: [{ name: '' }] }],
    ['models[0].inputPricePerMTok', { models: [{ name: 'a', inputPricePerMTok: -1 }] }],
    ['models[0].outputPricePerMTok', { models: [{ name: 'a', outputPricePerMTok: 0.5 }] }],
    ['models[0].cacheWritePricePerMTok', { models: [{ name: 'a', cacheWritePricePerMTok: -1 }] }],
    ['budgetMicroUsdPerDay', { budgetMicroUsdPerDay: -1 }],
    ['budgetMicroUsdPerDay', { budgetMicroUsdPerDay: 1.5 }],
    ['budgetMicroUsdPerDay', { budgetMicroUsdPerDay: null }],
    ['timeouts.totalMs', { timeouts: { totalMs: 0 } }],
    ['timeouts', { timeouts: 'long' }],
    ['surprise', { surprise: true }],
  ])('refuses a wrong %s: %j', async (path, fields) => {
    const { status, body } = await house.post('/api/v1/providers', fake('wrong', fields));
    expect([status, body.error.code]).toEqual([400, 'validation_failed']);
    const paths = body.error.details.map((detail: { path: string }) => detail.path).join(' ');
    expect(paths).toContain(path);
    expect(JSON.stringify(body)).not.toContain(CANARY);
  });

  it('refuses one beyond a hundred, which every call would rank', async () => {
    await store('many');
    const { manager } = house.app.get(Database);
    await manager.query(
      `INSERT INTO model_providers (tenant_id, id, kind, base_url, sealed_api_key, trust, priority, models)
       SELECT tenant_id, 'crowd-' || n, kind, base_url, sealed_api_key, trust, priority, models
       FROM model_providers, generate_series(1, 100) n WHERE tenant_id = 'default' AND id = 'many'`,
    );
    const { status, body } = await house.post('/api/v1/providers', fake('one-more'));
    expect([status, body.error.code]).toEqual([409, 'too_many_providers']);
    await manager.query(`DELETE FROM model_providers WHERE id LIKE 'crowd-%'`);
    await store('one-more');
    for (const id of ['many', 'one-more']) await house.delete(`/api/v1/providers/${id}`);
  });

  it('needs no base URL for a vendor it knows', async () => {
    const created = await store('my-openai', { kind: 'openai', baseUrl: undefined });
    expect(created.body.data.baseUrl).toBe('https://api.openai.com/v1');
  });

  it('lets only administrators store and remove, and readers only read', async () => {
    const [reader, writer, stranger] = [
      await keyWith('models:read'),
      await keyWith('models:write'),
      await keyWith('agents:read'),
    ];
    expect((await house.get('/api/v1/providers', { key: reader })).status).toBe(200);
    expect((await house.get('/api/v1/providers', { key: stranger })).status).toBe(403);
    expect((await house.post('/api/v1/providers', fake('nope'), { key: writer })).status).toBe(403);
    expect((await house.post('/api/v1/providers/builtin/test', undefined, { key: writer })).status).toBe(200);
    expect((await house.post('/api/v1/providers/builtin/test', undefined, { key: reader })).status).toBe(403);
    expect((await house.get('/api/v1/models', { key: null })).status).toBe(401);
  });

  it('notices what another process stored, and does not use a key that was moved', async () => {
    await store('original');
    expect((await house.get('/api/v1/providers/moved')).status).toBe(404);
    const { manager } = house.app.get(Database);
    await manager.query(
      `INSERT INTO model_providers (tenant_id, id, kind, base_url, sealed_api_key, trust, priority, models)
       SELECT tenant_id, 'moved', kind, base_url, sealed_api_key, trust, priority, models
       FROM model_providers WHERE tenant_id = 'default' AND id = 'original'`,
    );
    await manager.query(`SELECT pg_notify('guildhall_model_providers', 'default')`);
    const deadline = Date.now() + 5000;
    let answer = await house.get('/api/v1/providers/moved');
    while (answer.status === 404 && Date.now() < deadline) answer = await house.get('/api/v1/providers/moved');
    expect(answer.body.data).toMatchObject({
      status: 'unavailable',
      reason: `The stored secret 'apiKey' of 'moved' cannot be read; set it again with PATCH /api/v1/providers/moved`,
    });
    await expect(generate({ provider: 'moved' })).rejects.toMatchObject({ code: 'provider_unavailable' });
    expect((await house.get('/api/v1/providers/original')).body.data.status).toBe('healthy');
  });

  it('says of a key that another ENCRYPTION_KEY sealed what happened and both remedies', async () => {
    await store('sealed');
    await house.app.get(Database).manager.query(
      `UPDATE model_providers SET sealed_api_key = regexp_replace(sealed_api_key, '[.][^.]+[.]', '.AAAAAAAA.')
       WHERE tenant_id = 'default' AND id = 'sealed'`,
    );
    // Any change has the providers read again.
    await store('another');
    const { reason } = (await house.get('/api/v1/providers/sealed')).body.data;
    expect(reason).toContain('another ENCRYPTION_KEY. Restore that key, or set the secret again with PATCH');
    expect((await house.patch('/api/v1/providers/sealed', { apiKey: 'sk-again' })).status).toBe(200);
    expect((await house.get('/api/v1/providers/sealed')).body.data.status).toBe('healthy');
  });
});
