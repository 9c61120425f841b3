import { Database } from '@guildhall/core';
import { type ProbedHouse, closeGate, codeOf, resetWork, startProbedHouse, work } from './probed-house.js';

describe('what HTTP requests can rely on', () => {
  let house: ProbedHouse;
  beforeAll(async () => {
    house = await startProbedHouse({ MAX_CONCURRENT_REQUESTS: 20, REQUEST_TIMEOUT: 3 });
  });
  afterAll(() => house.close());
  beforeEach(resetWork);

  describe('Idempotency-Key', () => {
    const keyed = (path: string, body: unknown, key: string, as = house.apiKey) =>
      house.post(path, body, { headers: { 'idempotency-key': key }, key: as });
    const rows = (sql: string) =>
      house.app.get(Database, { strict: false }).manager.query(sql) as Promise<{ outcome: string }[]>;

    it('gives the first result again, with its status and Location', async () => {
      const first = await keyed('/api/v1/agents', { name: 'once', kind: 'tool-loop' }, 'k-1');
      const second = await keyed('/api/v1/agents', { name: 'once', kind: 'tool-loop' }, 'k-1');
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.body.data).toEqual(first.body.data);
      expect(second.headers.get('location')).toBe(first.headers.get('location'));
      expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    });

    it('answers 422 to another body, and keeps the keys of tenants apart', async () => {
      await keyed('/api/v1/agents', { name: 'a', kind: 'tool-loop' }, 'k-2');
      expect(codeOf(await keyed('/api/v1/agents', { name: 'b', kind: 'tool-loop' }, 'k-2'))).toBe(
        '422 idempotency_key_reused',
      );
      const other = await keyed('/api/v1/agents', { name: 'b', kind: 'tool-loop' }, 'k-2', house.tenant);
      expect([other.status, other.headers.get('idempotency-replayed')]).toEqual([201, null]);
    });

    const keyWith = async (...scopes: string[]): Promise<string> =>
      (await house.post('/api/v1/api-keys', { name: 'k', scopes })).body.data.key as string;

    it('belongs to the key that sent it: no other key of the tenant meets it', async () => {
      const [great, small] = [await keyWith('*'), await keyWith('admin')];
      const boss = { name: 'boss', scopes: ['*'] };
      expect((await keyed('/api/v1/api-keys', boss, 'k-own', great)).status).toBe(201);
      const refused = await keyed('/api/v1/api-keys', boss, 'k-own', small);
      expect([refused.status, refused.headers.get('idempotency-replayed')]).toEqual([403, null]);
      // And the other way around.
      expect((await keyed('/api/v1/api-keys', boss, 'k-own-2', small)).status).toBe(403);
      expect((await keyed('/api/v1/api-keys', boss, 'k-own-2', great)).status).toBe(201);
    });

    it.each(['application/json', 'text/event-stream'])(
      'starts a run for each key that sends it: %s',
      async (accept) => {
        const agentId = (await house.agent(`two-keys-${accept}`.replaceAll(/\W/g, '-'))).body.data.id as string;
        const [one, other] = [await keyWith('runs:write'), await keyWith('runs:write')];
        const headers = { 'idempotency-key': `k-run-${accept}`, prefer: 'wait=10', accept };
        const runWith = async (key: string) => {
          const { text } = await house.post('/api/v1/runs', { agentId, input: '2 + 2?' }, { headers, key });
          return /run_[0-9a-z]{26}/.exec(text)?.[0];
        };
        const runs = [await runWith(one), await runWith(other), await runWith(one), await runWith(other)];
        expect(runs).toEqual([runs[0], runs[1], runs[0], runs[1]]);
        expect(new Set(runs).size).toBe(2);
        expect(runs[0]).toEqual(expect.any(String));
      },
    );

    it('covers the bytes of an upload, however its form is delimited', async () => {
      const { body } = await house.post('/api/v1/collections', { name: 'uploads' });
      const upload = (text: string, boundary: string) => {
        const head = 'content-disposition: form-data; name="file"; filename="a.txt"\r\ncontent-type: text/plain';
        const form = `--${boundary}\r\n${head}\r\n\r\n${text}\r\n--${boundary}--\r\n`;
        const headers = { 'idempotency-key': 'k-file', 'content-type': `multipart/form-data; boundary=${boundary}` };
        return house.post(`/api/v1/collections/${body.data.id}/documents`, form, { headers });
      };
      const first = await upload('Returns within 30 days.', 'one');
      const again = await upload('Returns within 30 days.', 'another');
      expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([202, 202, 'true']);
      expect(again.body.data).toEqual(first.body.data);
      expect(codeOf(await upload('Returns within 31 days.', 'one'))).toBe('422 idempotency_key_reused');
    });

    it('acts once for fifty equal requests at the same time', async () => {
      closeGate();
      const all = Array.from({ length: 50 }, () => keyed('/api/v1/probe/count', {}, 'k-3'));
      const early = await Promise.race(all);
      work.release();
      const statuses = (await Promise.all(all)).map(({ status }) => status);
      expect([409, 503]).toContain(early.status);
      expect(statuses.filter((status) => status === 201).length).toBeGreaterThanOrEqual(1);
      expect(work.made).toBe(1);
      expect((await keyed('/api/v1/probe/count', {}, 'k-3')).body.data).toEqual({ made: 1 });
    });

    it('answers 409 while the first runs', async () => {
      closeGate();
      const two = [keyed('/api/v1/probe/count', {}, 'k-4'), keyed('/api/v1/probe/count', {}, 'k-4')];
      // Whichever came second: the other waits at the gate.
      expect(codeOf(await Promise.race(two))).toBe('409 idempotency_in_progress');
      work.release();
      const statuses = (await Promise.all(two)).map(({ status }) => status);
      expect(statuses.toSorted()).toEqual([201, 409]);
      const again = await keyed('/api/v1/probe/count', {}, 'k-4');
      expect([again.status, work.made]).toEqual([201, 1]);
    });

    it('forgets a key after its time, and takes over from an attempt that died', async () => {
      await keyed('/api/v1/probe/count', {}, 'k-5');
      await rows(`UPDATE idempotency_keys SET expires_at = now() - interval '1 s' WHERE key LIKE '% k-5'`);
      expect((await keyed('/api/v1/probe/count', {}, 'k-5')).body.data).toEqual({ made: 2 });
      await rows(`UPDATE idempotency_keys SET outcome = NULL WHERE key LIKE '% k-5'`);
      expect(codeOf(await keyed('/api/v1/probe/count', {}, 'k-5'))).toBe('409 idempotency_in_progress');
      await rows(`UPDATE idempotency_keys SET lease_until = now() - interval '1 s' WHERE key LIKE '% k-5'`);
      expect((await keyed('/api/v1/probe/count', {}, 'k-5')).body.data).toEqual({ made: 3 });
    });

    it('keeps a result that holds a secret unreadable at rest', async () => {
      const body = { name: 'secret', scopes: ['agents:read'] };
      const first = await keyed('/api/v1/api-keys', body, 'k-6');
      const [row] = await rows(`SELECT outcome FROM idempotency_keys WHERE key LIKE '% k-6'`);
      expect(row!.outcome).not.toContain(first.body.data.key);
      expect((await keyed('/api/v1/api-keys', body, 'k-6')).body.data.key).toBe(first.body.data.key);
    });

    it('refuses a key that is none', async () => {
      expect(codeOf(await keyed('/api/v1/probe/count', {}, 'x'.repeat(256)))).toBe('400 validation_failed');
    });
  });

  describe('concurrency', () => {
    it('gives definitions an ETag, and refuses a change of an older one', async () => {
      const { body, headers } = await house.agent('tagged');
      const path = `/api/v1/agents/${body.data.id}`;
      const tag = headers.get('etag')!;
      expect(tag).toMatch(/^"[^"]+"$/);
      const changed = await house.patch(path, { description: 'x' }, { headers: { 'if-match': tag } });
      expect(changed.status).toBe(200);
      expect(codeOf(await house.patch(path, { description: 'y' }, { headers: { 'if-match': tag } }))).toBe(
        '412 precondition_failed',
      );
      expect((await house.get(path, { headers: { 'if-none-match': changed.headers.get('etag')! } })).status).toBe(304);
    });
  });

  describe('If-Match', () => {
    it('may list several tags, or be *, or have been made weak by a proxy that compresses', async () => {
      const path = `/api/v1/agents/${(await house.agent('listed')).body.data.id}`;
      const edit = async (tag: string) =>
        (await house.patch(path, { description: tag }, { headers: { 'if-match': tag } })).status;
      expect(await edit('"1", "2"')).toBe(200);
      expect(await edit('"1", "2"')).toBe(200);
      expect(await edit('"1", "2"')).toBe(412);
      expect(await edit('W/"2"')).toBe(412);
      expect(await edit('W/"3"')).toBe(200);
      expect(await edit('*')).toBe(200);
    });
  });

  describe('limits', () => {
    it('answers 503 with Retry-After above the number of requests in flight, and still answers probes', async () => {
      closeGate();
      const all = Array.from({ length: 40 }, () => house.get('/api/v1/probe/slow'));
      const refused = await Promise.race(all);
      expect([codeOf(refused), refused.headers.get('retry-after')]).toEqual(['503 concurrency_limited', '1']);
      expect((await house.get('/health/live', { key: null })).status).toBe(200);
      const metrics = await house.get('/metrics');
      expect([metrics.status, /^requests_in_flight (\d+)$/m.exec(metrics.text)?.[1]]).toEqual([200, '18']);
      expect((await house.get('/api/v1/agents', { key: house.tenant })).status).toBe(200);
      expect((await house.get('/docs', { key: null })).status).toBe(200);
      work.release();
      const statuses = (await Promise.all(all)).map(({ status }) => status);
      expect([
        statuses.filter((status) => status === 200).length,
        statuses.filter((status) => status === 503).length,
      ]).toEqual([18, 22]);
      expect((await house.get('/api/v1/agents')).status).toBe(200);
    });

    it('answers 504 when the time is up, and cancels the work', async () => {
      closeGate();
      const started = performance.now();
      expect(codeOf(await house.get('/api/v1/probe/slow'))).toBe('504 request_timeout');
      expect(performance.now() - started).toBeLessThan(3500);
      expect(work.aborted).toMatchObject({ code: 'request_timeout' });
      work.release();
    });

    it('answers 504 to a body that does not come', async () => {
      const head = [
        'POST /api/v1/agents HTTP/1.1',
        'host: localhost',
        `authorization: Bearer ${house.apiKey}`,
        'content-type: application/json',
        'content-length: 100',
        '',
        '{"name":',
      ];
      expect(await house.raw(head.join('\r\n'))).toMatch(/^HTTP\/1.1 504 [\s\S]*"request_timeout"/);
    });
  });
});
