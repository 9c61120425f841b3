import { once } from 'node:events';
import { connect } from 'node:net';
import { Database } from '@guildhall/core';
import { type TestApp, startTestApp } from '@guildhall/testing';
import { newTenant } from './tenancy-fixtures.js';

const KEYS = '/api/v1/api-keys';
const TENANTS = '/api/v1/tenants';

let house: TestApp;
beforeAll(async () => void (house = await startTestApp()));
afterAll(() => house.close());

const create = (body: object, key = house.apiKey) => house.post(KEYS, { name: 'k', scopes: ['*'], ...body }, { key });
const statusWith = async (key: string, path = '/api/v1/agents') => (await house.get(path, { key })).status;
const sql = <T>(text: string, values: unknown[] = []) => house.app.get(Database).manager.query<T[]>(text, values);
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

async function until(condition: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`It did not come to pass within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

describe('/api-keys', () => {
  it('shows a key once, and stores only its hash', async () => {
    const made = await create({ name: 'bot', scopes: ['agents:read'], expiresAt: inMinutes(60) });
    expect(made.status).toBe(201);
    const { id, key } = made.body.data as { id: string; key: string };
    expect(key).toMatch(new RegExp(`^gh_${id}_[0-9a-z]{40}$`));
    expect(made.headers.get('location')).toBe(`${KEYS}/${id}`);
    expect(made.headers.get('cache-control')).toContain('no-store');

    const shown = await house.get(`${KEYS}/${id}`);
    expect(shown.body.data).toMatchObject({ id, name: 'bot', scopes: ['agents:read'], lastUsedAt: null });
    const listed = await house.get(`${KEYS}?limit=100&total=true`);
    expect(listed.body.data).toContainEqual(shown.body.data);
    expect(listed.body.meta.pagination.total).toBe(listed.body.data.length);
    const secret = key.slice(-40);
    for (const { text } of [shown, listed]) expect(text).not.toContain(secret);
    expect(JSON.stringify(await sql('SELECT *, encode(token_hash, $1) FROM api_keys', ['escape']))).not.toContain(
      secret,
    );
  });

  it('lets a key do what its scopes say, and tells when it was used', async () => {
    const { id, key } = (await create({ scopes: ['agents:read'] })).body.data as { id: string; key: string };
    expect(await statusWith(key)).toBe(200);
    const refused = await house.post('/api/v1/agents', { name: 'x' }, { key });
    expect([refused.status, refused.body.error.code]).toEqual([403, 'forbidden']);
    expect(refused.body.error.message).toContain("'agents:write'");
    expect(await statusWith(key, KEYS)).toBe(403);
    expect((await house.get(`${KEYS}/${id}`)).body.data.lastUsedAt).toEqual(expect.any(String));
  });

  it('grants nobody more than they hold', async () => {
    const granter = (await create({ scopes: ['admin', 'agents:write'], expiresAt: inMinutes(60) })).body.data
      .key as string;
    for (const scopes of [['*'], ['runs:read'], ['agents:read', 'knowledge:groups']]) {
      expect((await create({ scopes }, granter)).status).toBe(403);
    }
    expect((await create({ scopes: ['agents:read'], expiresAt: inMinutes(120) }, granter)).status).toBe(403);
    expect((await create({ scopes: ['admin', 'agents:read'], expiresAt: inMinutes(30) }, granter)).status).toBe(201);
    const inherited = await create({ scopes: ['agents:read'] }, granter);
    expect(Date.parse(inherited.body.data.expiresAt as string)).toBeLessThanOrEqual(Date.now() + 60 * 60_000);
  });

  it.each([
    [{ scopes: [] }, 'scopes'],
    [{ scopes: ['everything'] }, 'scopes'],
    [{ scopes: 'admin' }, 'scopes'],
    [{ scopes: ['admin', 'admin'] }, 'scopes'],
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ name: 7 }, 'name'],
    [{ expiresAt: 'tomorrow' }, 'expiresAt'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    [{ expiresAt: '2030-02-31T00:00:00Z' }, 'expiresAt'],
    [{ tenantId: 'default' }, 'tenantId'],
  ])('refuses %j and says where', async (body, path) => {
    const answer = await create(body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'validation_failed']);
    expect(JSON.stringify(answer.body.error.details)).toContain(`"path":"${path}`);
  });

  it('revokes a key at once here, and leaves no trace of it in lists', async () => {
    const { id, key } = (await create({})).body.data as { id: string; key: string };
    expect(await statusWith(key)).toBe(200);
    const revoked = await house.delete(`${KEYS}/${id}`);
    expect([revoked.status, revoked.body.data]).toEqual([200, { id, deleted: true }]);
    expect(await statusWith(key)).toBe(401);
    expect((await house.get(`${KEYS}/${id}`)).status).toBe(404);
    expect((await house.delete(`${KEYS}/${id}`)).status).toBe(404);
    expect((await house.get(`${KEYS}?limit=100`)).text).not.toContain(id);
  });

  it('refuses a key within 5 s of its revocation by another process', async () => {
    const { id, key } = (await create({})).body.data as { id: string; key: string };
    expect(await statusWith(key)).toBe(200);
    await sql('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id]);
    await until(async () => (await statusWith(key)) === 401, 5000);
  }, 10_000);

  describe('that ends', () => {
    let runId: string;
    /** A run that waits for an approval, so that its streams have no end of their own. */
    beforeAll(async () => {
      const approvals = [{ tool: 'calculator', when: 'always' }];
      const agent = await house.post('/api/v1/agents', { name: 'waits', tools: ['calculator'], approvals });
      const body = { agentId: agent.body.data.id, input: 'What is 2 + 2?' };
      const run = await house.post('/api/v1/runs', body, { headers: { prefer: 'wait=20' } });
      if (!run.text.includes('"status":"waiting"')) throw new Error(`The run does not wait: ${run.text}`);
      runId = run.body.data.id;
    });

    const endings: [string, (id: string) => Promise<unknown>][] = [
      ['is revoked', (id) => house.delete(`${KEYS}/${id}`)],
      ['is revoked behind our back', (id) => sql('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id])],
      ['has come to its time', (id) => sql('UPDATE api_keys SET expires_at = now() WHERE id = $1', [id])],
      ['goes with its tenant', (id) => sql('DELETE FROM api_keys WHERE id = $1', [id])],
    ];

    it.each(endings)('closes its event streams cleanly when it %s', async (_, end) => {
      const { id, key } = (await create({ scopes: ['runs:read'] })).body.data as { id: string; key: string };
      const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' };
      const response = await fetch(`${house.url}/api/v1/runs/${runId}/events`, { headers });
      let text = '';
      let ended = 0;
      for await (const bytes of response.body!.pipeThrough(new TextDecoderStream())) {
        text += bytes;
        if (ended > 0 || !text.includes('event: run.waiting')) continue;
        ended = performance.now();
        await end(id);
      }
      expect(performance.now() - ended).toBeLessThan(5000);
      expect(text.endsWith('\n\n')).toBe(true);
    });

    it('ends what waits with 401', async () => {
      const { id, key } = (await create({ scopes: ['runs:write'] })).body.data as { id: string; key: string };
      const { threadId, agentId } = (await house.get(`/api/v1/runs/${runId}`)).body.data;
      const queued = { agentId, input: 'And 3 + 3?', threadId };
      const wait = house.post('/api/v1/runs', queued, { key, headers: { prefer: 'wait=60' } });
      const runs = `/api/v1/runs?threadId=${threadId}&status=queued`;
      await until(async () => (await house.get(runs)).body.data.length === 1, 20_000);
      await house.delete(`${KEYS}/${id}`);
      expect((await wait).status).toBe(401);
    });
  });

  it('refuses a key from the moment it ends', async () => {
    const { key } = (await create({ expiresAt: new Date(Date.now() + 800).toISOString() })).body.data as {
      key: string;
    };
    expect(await statusWith(key)).toBe(200);
    await until(async () => (await statusWith(key)) === 401, 1500);
  });

  it('pages with signed cursors that no other tenant can use', async () => {
    const other = await newTenant(house, 'Pager');
    for (let i = 0; i < 3; i++) await other.create('/api-keys', { name: `k${i}`, scopes: ['admin'] });
    const first = await house.get(`${KEYS}?limit=2`, { key: other.key });
    const cursor = first.body.meta.pagination.nextCursor as string;
    const second = await house.get(`${KEYS}?limit=2&cursor=${cursor}`, { key: other.key });
    const ids = [...first.body.data, ...second.body.data].map(({ id }: { id: string }) => id);
    expect(ids).toHaveLength(4);
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect((await house.get(`${KEYS}?limit=2&cursor=${cursor}`)).status).toBe(400);
  });
});

describe('/tenants', () => {
  it('are made by the system administrator alone', async () => {
    const made = await house.post(TENANTS, { name: 'Acme' });
    expect(made.status).toBe(201);
    expect(made.body.data).toMatchObject({
      id: expect.stringMatching(/^ten_[0-9a-z]{26}$/),
      name: 'Acme',
      apiKey: { id: expect.stringMatching(/^key_/), key: expect.stringMatching(/^gh_key_/) },
    });
    const tenantKey = made.body.data.apiKey.key as string;
    const everything = (await create({ scopes: ['*'] })).body.data.key as string;
    for (const key of [tenantKey, everything]) {
      const refused = await house.post(TENANTS, { name: 'Mine' }, { key });
      expect([refused.status, refused.body.error.code]).toEqual([403, 'forbidden']);
    }
  });

  it('see themselves and nobody else; the system administrator sees all', async () => {
    const [one, two] = [await newTenant(house, 'One'), await newTenant(house, 'Two')];
    const own = await house.get(`${TENANTS}?total=true`, { key: one.key });
    expect(own.body.data.map(({ id }: { id: string }) => id)).toEqual([one.id]);
    expect(own.body.meta.pagination.total).toBe(1);
    expect((await house.get(`${TENANTS}/${one.id}`, { key: one.key })).status).toBe(200);
    expect((await house.get(`${TENANTS}/${two.id}`, { key: one.key })).status).toBe(404);
    const all = (await house.get(`${TENANTS}?limit=100`)).body.data.map(({ id }: { id: string }) => id) as string[];
    expect(all).toEqual(expect.arrayContaining([one.id, two.id, 'default']));
  });
});

describe('the audit', () => {
  it('says who made and revoked which key, in the tenant it happened in, and cannot be changed', async () => {
    const tenant = await newTenant(house, 'Audited');
    const id = await tenant.create('/api-keys', { name: 'k', scopes: ['admin'] });
    await house.delete(`${KEYS}/${id}`, { key: tenant.key, headers: { 'x-request-id': 'req-audit-1' } });
    const events = await sql<{ action: string; actor_id: string; target_id: string; request_id: string }>(
      'SELECT action, actor_id, target_id, request_id FROM audit_events WHERE tenant_id = $1 ORDER BY id',
      [tenant.id],
    );
    expect(events.map(({ action, actor_id, target_id }) => [action, actor_id, target_id])).toEqual([
      ['api_key.created', 'bootstrap', tenant.keyId],
      ['api_key.created', tenant.keyId, id],
      ['api_key.revoked', tenant.keyId, id],
    ]);
    expect(events.at(-1)!.request_id).toBe('req-audit-1');
    await expect(sql('UPDATE audit_events SET actor_id = $1', ['somebody'])).rejects.toThrow('append-only');
    await expect(sql('DELETE FROM audit_events')).rejects.toThrow('append-only');
  });
});

describe('strange ways to present a key', () => {
  const raw = async (head: string): Promise<number> => {
    const { hostname, port } = new URL(house.url);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    socket.write(`GET /api/v1/agents HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${head}\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return Number(/^HTTP\/1\.1 (\d+)/.exec(answer.toString())?.[1]);
  };

  it.each([
    ['two headers', () => `authorization: Bearer ${house.apiKey}\r\nAuthorization: Bearer ${house.apiKey}`, [401]],
    ['a megabyte', () => `authorization: Bearer ${'x'.repeat(1_000_000)}`, [401, 431]],
    ['a NUL', () => 'authorization: Bearer gh\0x', [400, 401]],
    ['raw UTF-8', () => 'authorization: Bearer schlüssel', [400, 401]],
    ['a folded line', () => `authorization: Bearer\r\n ${house.apiKey}`, [400, 401]],
    ['a name with a space', () => `authorization : Bearer ${house.apiKey}`, [400]],
  ])('%s are refused, and the server goes on', async (_, head, expected) => {
    expect(expected).toContain(await raw(head()));
    expect(await statusWith(house.apiKey)).toBe(200);
  });
});
