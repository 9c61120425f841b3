import type { Logger, ModelGateway, ModelSignal, RequestContext } from '@guildhall/sdk';
import { MODEL_GATEWAY } from '@guildhall/sdk';
import { FakeModel, type TestApp, startTestApp } from '@guildhall/testing';
import { LOGGER } from '../../libs/core/src/telemetry/logger.js';
import { Database } from '../../libs/core/src/database/database.js';
import { ProviderKeys } from '../../libs/models/src/registry/provider-keys.js';
import { ProviderRepository } from '../../libs/models/src/registry/provider.repository.js';
import { StoredProviders } from '../../libs/models/src/registry/stored-providers.js';
import { Connections } from '../../libs/models/src/routing/connections.js';

const [FIRST, SECOND, THIRD] = ['sk-canary-1-7f3a9c51e8d2', 'sk-canary-2-0b1c44d7aa90', 'sk-canary-3-52fe0d13bb61'];

describe('changing a provider', () => {
  let house: TestApp;
  let model: FakeModel;
  let elsewhere: FakeModel;
  let tenantKey: string;

  beforeAll(async () => {
    [model, elsewhere] = [await FakeModel.start(), await FakeModel.start()];
    house = await startTestApp({ settings: { GROQ_API_KEY: 'gsk_environment' } });
    tenantKey = (await house.post('/api/v1/tenants', { name: 'other' })).body.data.apiKey.key;
  });
  beforeEach(() => {
    for (const server of [model, elsewhere]) {
      server.reset();
      server.otherwise({ text: 'Hello' });
    }
  });
  afterAll(async () => {
    await house.close();
    await Promise.all([model.stop(), elsewhere.stop()]);
  });

  const provider = (id: string) => ({
    id,
    kind: 'openai-compatible',
    baseUrl: model.baseUrl,
    apiKey: FIRST,
    models: [{ name: 'm' }],
  });
  let stored = 0;
  const store = async (more: object = {}): Promise<string> => {
    const id = `p${++stored}`;
    expect((await house.post('/api/v1/providers', { ...provider(id), ...more })).status).toBe(201);
    return id;
  };
  const patch = (id: string, body: object, headers: Record<string, string> = {}) =>
    house.patch(`/api/v1/providers/${id}`, body, { headers });
  const get = async (id: string) => house.get(`/api/v1/providers/${id}`);
  const call = (reference: string | object, onSignal?: (signal: ModelSignal) => void) => {
    const ctx = {
      tenantId: 'default',
      actor: { kind: 'system', id: 'test', scopes: ['*'] },
      requestId: 'test',
      signal: AbortSignal.timeout(10_000),
      logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    } as RequestContext;
    const asked = typeof reference === 'string' ? { provider: reference } : reference;
    const request = { model: asked, messages: [{ role: 'user', text: 'Hi' } as const] };
    return house.app.get<ModelGateway>(MODEL_GATEWAY).generate(ctx, request, onSignal);
  };
  const keysSeen = (server: FakeModel) => server.requests.map(({ headers }) => headers.authorization?.slice(7));
  const healthOf = async (id: string) => {
    const { body } = await house.get('/api/v1/providers/ranking');
    return body.data.find(({ provider }: { provider: string }) => provider === id);
  };

  it('changes what is named, keeps the rest, and works at once', async () => {
    const id = await store({ priority: 3, budgetMicroUsdPerDay: 500, timeouts: { totalMs: 9000 } });
    const models = [{ name: 'n', inputPricePerMTok: 10 }];
    const { status, body } = await patch(id, { models, priority: 4, apiKey: SECOND });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ id, models, priority: 4, hasApiKey: true, budgetMicroUsdPerDay: 500 });
    expect((await get(id)).body.data).toEqual(body.data);
    await expect(call(id)).resolves.toMatchObject({ model: 'n' });
    expect(keysSeen(model)).toEqual([SECOND]);
  });

  it('takes away what null is given for', async () => {
    const id = await store({ budgetMicroUsdPerDay: 500, timeouts: { totalMs: 9000 }, endpoints: [{ apiKey: SECOND }] });
    const nothing = { apiKey: null, budgetMicroUsdPerDay: null, timeouts: null, endpoints: null };
    const { body } = await patch(id, nothing);
    expect(body.data.hasApiKey).toBe(false);
    for (const field of ['budgetMicroUsdPerDay', 'timeouts', 'endpoints']) expect(body.data).not.toHaveProperty(field);
    await call(id);
    expect(keysSeen(model)).toEqual([undefined]);
    const vendor = await store({ kind: 'openai' });
    const { body: moved } = await patch(vendor, { baseUrl: null, apiKey: SECOND });
    expect(moved.data.baseUrl).toBe('https://api.openai.com/v1');
  });

  it('sends a stored key nowhere but where it was stored for', async () => {
    const id = await store({ endpoints: [{ apiKey: SECOND }] });
    const attempts: [string, object][] = [
      ['apiKey', { baseUrl: elsewhere.baseUrl }],
      ['endpoints', { baseUrl: elsewhere.baseUrl, apiKey: THIRD }],
      ['endpoints[0].apiKey', { endpoints: [{ baseUrl: elsewhere.baseUrl }] }],
    ];
    for (const [path, body] of attempts) {
      const { status, body: answer } = await patch(id, body);
      expect([status, answer.error.details[0].path]).toEqual([400, path]);
      await call(id);
    }
    expect(elsewhere.requests).toHaveLength(0);
    const all = { baseUrl: elsewhere.baseUrl, apiKey: THIRD, endpoints: null };
    expect((await patch(id, all)).status).toBe(200);
    await call(id);
    expect(keysSeen(elsewhere)).toEqual([THIRD]);
  });

  it('gives a changed provider a new start, and others keep what was measured of them', async () => {
    const [changed, kept] = [await store(), await store()];
    model.otherwise({ status: 400 });
    for (const id of [changed, kept]) {
      for (let i = 0; i < 2; i++) await call(id).catch(() => undefined);
    }
    model.otherwise({ status: 503 });
    for (const id of [changed, kept]) await call(id).catch(() => undefined);
    expect((await healthOf(kept)).parts.health).toBeLessThan(1);
    await patch(changed, { priority: 9 });
    expect((await healthOf(changed)).parts.health).toBe(1);
    expect((await healthOf(kept)).parts.health).toBeLessThan(1);
  });

  it('shows an ETag, and changes nothing for one that is old', async () => {
    const id = await store();
    const etag = (await get(id)).headers.get('etag')!;
    expect(etag).toMatch(/^"[\w-]{16}"$/);
    const changed = await patch(id, { priority: 2 }, { 'if-match': etag });
    expect(changed.status).toBe(200);
    const stale = await patch(id, { priority: 3 }, { 'if-match': etag });
    expect([stale.status, stale.body.error.code]).toEqual([412, 'precondition_failed']);
    expect((await get(id)).headers.get('etag')).toBe(changed.headers.get('etag'));
    expect((await get(id)).body.data.priority).toBe(2);
    expect((await get('groq')).headers.get('etag')).toBeNull();
  });

  it('removes nothing for an ETag that is old', async () => {
    const id = await store();
    const etag = (await get(id)).headers.get('etag')!;
    const changed = await patch(id, { priority: 2 });
    const remove = (tag: string) => house.delete(`/api/v1/providers/${id}`, { headers: { 'if-match': tag } });
    const stale = await remove(etag);
    expect([stale.status, stale.body.error.code]).toEqual([412, 'precondition_failed']);
    expect((await get(id)).status).toBe(200);
    expect((await remove(changed.headers.get('etag')!)).status).toBe(204);
    expect((await get(id)).status).toBe(404);
  });

  it('refuses what the operator configured, and says what to do', async () => {
    const { status, body } = await patch('groq', { priority: 2 });
    expect([status, body.error.code]).toEqual([409, 'conflict']);
    expect(body.error.message).toContain('change its settings, or store one of this id with POST /api/v1/providers');
    expect((await patch('nobody', { priority: 2 })).status).toBe(404);
  });

  it.each([
    ['id', { id: 'other' }],
    ['kind', { kind: 'openai' }],
    ['priority', { priority: null }],
    ['models', { models: null }],
    ['models', { models: [] }],
    ['baseUrl', { baseUrl: 'ftp://x' }],
    ['baseUrl', { baseUrl: null }],
    ['endpoints', { endpoints: [] }],
    ['endpoints[0].apiKey', { endpoints: [{ apiKey: 'two words' }] }],
    ['endpoints[0].baseUrl', { endpoints: [{ baseUrl: 'x' }] }],
    ['budgetMicroUsdPerDay', { budgetMicroUsdPerDay: -1 }],
    ['surprise', { surprise: 1 }],
  ])('refuses a wrong %s: %j', async (path, body) => {
    const id = await store({ apiKey: undefined });
    const { status, body: answer } = await patch(id, body);
    expect([status, answer.error.code]).toEqual([400, 'validation_failed']);
    expect(answer.error.details.map((detail: { path: string }) => detail.path).join(' ')).toContain(path);
  });

  it.each([
    'http://169.254.169.254/v1',
    'http://[fd00:ec2::254]/v1',
    'http://[::ffff:169.254.169.254]/v1',
    'http://2852039166/v1',
    'https://metadata.google.internal/v1',
    'https://METADATA.google.internal./v1',
  ])('stores no address that is never called: %s', async (baseUrl) => {
    const id = await store();
    const created = { id: `${id}-new`, kind: 'openai-compatible', baseUrl, models: [{ name: 'm' }] };
    for (const { status, body } of [
      await house.post('/api/v1/providers', created),
      await patch(id, { baseUrl, apiKey: SECOND }),
    ]) {
      const message = expect.stringContaining("give the address of the vendor's API");
      expect([status, body.error.details]).toEqual([400, [{ path: 'baseUrl', code: 'outbound_blocked', message }]]);
    }
    const { body } = await patch(id, { endpoints: [{ baseUrl, apiKey: SECOND }] });
    expect(body.error.details).toMatchObject([{ path: 'endpoints[0].baseUrl', code: 'outbound_blocked' }]);
  });

  it('records who changed which fields, never their values', async () => {
    const id = await store();
    await patch(id, { apiKey: SECOND, priority: 2 });
    const events = await house.app
      .get(Database)
      .manager.query(`SELECT action, detail FROM audit_events WHERE target_id = $1 ORDER BY at`, [id]);
    expect(events).toContainEqual({
      action: 'provider.updated',
      detail: { fields: expect.arrayContaining(['apiKey']) },
    });
    expect(JSON.stringify(events)).not.toContain('canary');
  });

  it('keeps other tenants out', async () => {
    const id = await store();
    const { status } = await house.patch(`/api/v1/providers/${id}`, { priority: 2 }, { key: tenantKey });
    expect(status).toBe(404);
  });

  describe('several keys', () => {
    it('share the calls, and are never shown', async () => {
      const id = await store({ endpoints: [{}, { apiKey: SECOND }, { baseUrl: elsewhere.baseUrl, apiKey: THIRD }] });
      for (let i = 0; i < 6; i++) await call(id);
      expect(keysSeen(model)).toEqual([FIRST, SECOND, FIRST, SECOND]);
      expect(keysSeen(elsewhere)).toEqual([THIRD, THIRD]);
      const shown = await get(id);
      expect(shown.body.data.endpoints).toEqual([
        { baseUrl: model.baseUrl, hasApiKey: true },
        { baseUrl: model.baseUrl, hasApiKey: true },
        { baseUrl: elsewhere.baseUrl, hasApiKey: true },
      ]);
      expect(shown.text).not.toContain('canary');
      const rows = await house.app.get(Database).manager.query('SELECT * FROM model_providers');
      expect(JSON.stringify(rows)).not.toContain('canary');
    });

    it.each([401, 429])('go on with the next when one is answered with %d', async (refusal) => {
      const id = await store({ endpoints: [{ apiKey: FIRST }, { apiKey: SECOND }] });
      model.otherwise(({ headers }) =>
        headers.authorization === `Bearer ${FIRST}` ? { status: refusal, retryAfter: 30 } : { text: 'Served' },
      );
      for (let i = 0; i < 4; i++) await expect(call(id)).resolves.toMatchObject({ text: 'Served', provider: id });
      const asked = keysSeen(model);
      expect(asked.slice(0, 2)).toEqual([FIRST, SECOND]);
      // The one that said when to come again was left alone until then.
      if (refusal === 429) expect(asked.filter((key) => key === FIRST)).toHaveLength(1);
      expect((await healthOf(id)).state).toBe('closed');
    });

    it('cannot be put into each other’s place', async () => {
      const id = await store({ endpoints: [{ apiKey: FIRST }, { apiKey: SECOND }] });
      const { manager } = house.app.get(Database);
      await manager.query(
        `UPDATE model_providers SET endpoints = jsonb_build_array(endpoints -> 1, endpoints -> 0) WHERE id = $1`,
        [id],
      );
      await patch(id, { priority: 2 });
      expect((await get(id)).body.data).toMatchObject({ status: 'unavailable' });
      expect(keysSeen(model)).toEqual([]);
    });

    it('are all asked by a test of the provider', async () => {
      const id = await store({ endpoints: [{ apiKey: FIRST }, { apiKey: SECOND }] });
      model.script({ text: 'OK' }, { status: 401 });
      const { body } = await house.post(`/api/v1/providers/${id}/test`);
      expect(body.data).toMatchObject({ ok: false, error: { code: 'provider_unavailable' } });
      expect(keysSeen(model)).toEqual([FIRST, SECOND]);
    });
  });

  describe('whether it answers', () => {
    const answerOf = async (id: string, more: object) =>
      (await house.post('/api/v1/providers', { ...provider(id), ...more })).body.data;
    const closed = async () => {
      const gone = await FakeModel.start();
      const { baseUrl } = gone;
      await gone.stop();
      return baseUrl;
    };

    it('is found out at once for who stores it, at no cost', async () => {
      await expect(answerOf('there', {})).resolves.toMatchObject({ status: 'healthy' });
      expect(model.listings).toHaveLength(1);
      expect(model.requests).toEqual([]);
      await expect(answerOf('gone', { baseUrl: await closed() })).resolves.toMatchObject({
        status: 'unhealthy',
        reason: "Provider 'gone' cannot be reached, or broke off its reply",
      });
      model.lists({ status: 401 });
      await expect(answerOf('locked', {})).resolves.toMatchObject({
        status: 'unhealthy',
        reason: "Provider 'locked' does not accept the API key: check it",
      });
      model.lists({ status: 404 });
      await expect(answerOf('plain', {})).resolves.toMatchObject({
        status: 'unverified',
        reason: expect.stringContaining('POST /api/v1/providers/plain/test'),
      });
    });

    it('is found out anew with another key, and by a call', async () => {
      model.lists({ status: 401 });
      await answerOf('mended', {});
      model.lists({ raw: '{"data":[]}' });
      const { body: patched } = await patch('mended', { apiKey: 'sk-right' });
      expect(patched.data).toMatchObject({ status: 'healthy' });
      expect(patched.data).not.toHaveProperty('reason');
      model.lists({ status: 404 });
      await answerOf('called', {});
      model.script({ text: 'OK' });
      await house.post('/api/v1/providers/called/test');
      expect((await get('called')).body.data.status).toBe('healthy');
    });

    it('decides who is asked first: one that is dead takes nobody’s call, however it is preferred', async () => {
      await answerOf('alive', { priority: 9 });
      await answerOf('dead', { baseUrl: await closed(), priority: 1 });
      const { data } = (await house.get('/api/v1/providers/ranking')).body;
      const verified = data.map((row: { verified: boolean }) => row.verified) as boolean[];
      expect(verified).toEqual(verified.toSorted((a, b) => Number(b) - Number(a)));
      expect(data.find(({ provider }: { provider: string }) => provider === 'dead')).toMatchObject({ verified: false });
      const signals: ModelSignal[] = [];
      await call({ preferences: { dead: 1 } }, (signal) => signals.push(signal));
      expect(signals.filter(({ type }) => type !== 'delta')).toEqual([
        { type: 'selected', provider: expect.not.stringMatching(/^dead$/), model: 'm' },
      ]);
    });

    it('is known to a process that starts later', async () => {
      await answerOf('proven', {});
      await answerOf('dead-too', { baseUrl: await closed() });
      const { app } = house;
      const later = new StoredProviders(
        app.get(Database),
        app.get(ProviderRepository),
        app.get(ProviderKeys),
        app.get(Connections),
        app.get<Logger>(LOGGER),
      );
      const providers = await later.list({ tenantId: 'default' });
      const verdictOf = (id: string) => providers.find(({ config }) => config.id === id)?.standing.verdict.kind;
      expect([verdictOf('proven'), verdictOf('dead-too')]).toEqual(['proven', 'failed']);
    });
  });
});
