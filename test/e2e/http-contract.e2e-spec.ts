import { connect } from 'node:net';
import { Controller, Get, Post } from '@nestjs/common';
import { Ctx, Database, Deprecations, RawResponse } from '@guildhall/core';
import { Plugin, type RequestContext } from '@guildhall/sdk';
import { type TestApp, type TestResponse, startTestApp } from '@guildhall/testing';

const work = { made: 0, release: () => {}, gate: Promise.resolve(), aborted: undefined as unknown };

/** Routes that do what no real one does on purpose: wait, break, count. */
@Controller({ path: 'probe', version: '1' })
class ProbeController {
  @Get('slow')
  async slow(@Ctx() ctx: RequestContext) {
    ctx.signal.addEventListener('abort', () => (work.aborted = ctx.signal.reason), { once: true });
    await work.gate;
    return { slow: true };
  }

  @Get('broken')
  broken() {
    throw new Error('password=hunter2 SELECT * FROM api_keys /etc/passwd');
  }

  @Get('big')
  big() {
    return { text: 'x'.repeat(2000) };
  }

  @Get('stream')
  @RawResponse()
  stream() {
    return new Response(`data: ${'x'.repeat(2000)}\n\n`, { headers: { 'content-type': 'text/event-stream' } });
  }

  @Post('count')
  async count() {
    const made = ++work.made;
    await work.gate;
    return { made };
  }
}

@Plugin({ id: 'probe', version: '0.1.0', compat: '^0.1.0', controllers: [ProbeController] })
class ProbePlugin {}

const closeGate = () => void (work.gate = new Promise((resolve) => (work.release = resolve)));

describe('the HTTP contract', () => {
  let house: TestApp;
  let tenant: string;

  beforeAll(async () => {
    const settings = { MAX_CONCURRENT_REQUESTS: 20, REQUEST_TIMEOUT: 2, CORS_ORIGINS: ['https://app.example'] };
    house = await startTestApp({ settings, plugins: [ProbePlugin] });
    const { body } = await house.post('/api/v1/tenants', { name: 'other' });
    tenant = body.data.apiKey.key as string;
  }, 60_000);
  afterAll(() => house.close());
  beforeEach(() => {
    Object.assign(work, { made: 0, gate: Promise.resolve(), release: () => {}, aborted: undefined });
  });

  const agent = (name: string, extra: object = {}) =>
    house.post('/api/v1/agents', { name, kind: 'tool-loop', ...extra });
  const codeOf = ({ status, body }: TestResponse) => `${status} ${body?.error?.code}`;
  /** Bytes as they are: paths and header lines that fetch would tidy up. */
  const raw = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(house.url).port), '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.on('data', (chunk) => (answer += String(chunk)).includes('}') && socket.destroy());
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });
  const request = (line: string, ...headers: string[]) =>
    raw([line, 'host: localhost', ...headers, 'connection: close', '', ''].join('\r\n'));

  describe('base', () => {
    it('serves resources under /api/v1, and probes, metrics and documentation outside it', async () => {
      expect((await house.get('/api/v1/agents')).status).toBe(200);
      for (const path of ['/health/live', '/health/ready', '/metrics', '/docs', '/openapi.json']) {
        expect([path, (await house.get(path)).status]).toEqual([path, 200]);
      }
      for (const path of ['/agents', '/v1/agents', '/api/agents', '/api/v2/agents', '/api/v1/health/live']) {
        expect([path, codeOf(await house.get(path))]).toEqual([path, '404 route_not_found']);
      }
    });
  });

  describe('authentication', () => {
    it('answers 401 without a key, and with one that is wrong in any way', async () => {
      const missing = await house.get('/api/v1/agents', { key: null });
      expect(codeOf(missing)).toBe('401 unauthenticated');
      expect(missing.headers.get('www-authenticate')).toBe('Bearer');
      const { timestamp: _, requestId: __, traceId: ___, ...meta } = missing.body.meta;
      expect(meta).toEqual({});
      for (const key of ["' OR 1=1--", 'gh_x_y', `${house.apiKey}x`, 'x'.repeat(10_000)]) {
        const wrong = await house.get('/api/v1/agents', { key });
        expect([wrong.status, wrong.body.error]).toEqual([401, missing.body.error]);
      }
      expect((await house.get(`/api/v1/agents?api_key=${house.apiKey}`, { key: null })).status).toBe(401);
      const bearer = `authorization: Bearer ${house.apiKey}`;
      expect(await request('GET /api/v1/agents HTTP/1.1', bearer, bearer)).toMatch(/^HTTP\/1.1 401 /);
    });

    it.each([
      '/V1/agents',
      '/api/V1/agents',
      '/API/v1/agents',
      '/api/v1//agents',
      '//api/v1/agents',
      '/api/v1/%61gents',
      '/api/v1/agents;x',
      '/api/v1/agents/',
      '/api/v1/agents/..;/admin',
      '/api/v1/x/../agents',
      '/api/v1/agents%2f',
      '/api/v1/agents/a%2fb',
      'http://localhost/api/v1/agents',
      '*',
    ])('lets nobody in by the path %s', async (path) => {
      expect(await request(`GET ${path} HTTP/1.1`)).toMatch(/^HTTP\/1.1 (400|401|404|405) /);
    });

    it.each(['HEAD', 'DELETE', 'PUT', 'OPTIONS', 'TRACE', 'PROPFIND'])(
      'lets nobody in by the method %s',
      async (method) => {
        const answer = await request(
          `${method} /api/v1/agents HTTP/1.1`,
          'x-http-method-override: GET',
          'x-forwarded-for: 127.0.0.1',
        );
        expect(answer).toMatch(/^HTTP\/1.1 (401|405) /);
      },
    );

    it("answers another tenant's id as one that does not exist", async () => {
      const { body } = await agent('hidden');
      const id = body.data.id as string;
      const foreign = await house.get(`/api/v1/agents/${id}`, { key: tenant });
      const unknown = `${id.slice(0, -4)}0000`;
      const missing = await house.get(`/api/v1/agents/${unknown}`, { key: tenant });
      expect(codeOf(foreign)).toBe('404 agent_not_found');
      expect(JSON.stringify(foreign.body.error).replace(id, '')).toBe(
        JSON.stringify(missing.body.error).replace(unknown, ''),
      );
    });
  });

  describe('ids and names', () => {
    it('gives prefixed ids that sort by time, camelCase fields and times in UTC', async () => {
      const made = [await agent('one'), await agent('two')].map(({ body }) => body.data);
      expect(made[0].id).toMatch(/^agt_[0-9a-z]{26}$/);
      expect(made[0].id < made[1].id).toBe(true);
      expect(Object.keys(made[0]).filter((name) => !/^[a-z][A-Za-z0-9]*$/.test(name))).toEqual([]);
      expect(made[0].createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });

    it.each([
      '-1',
      '9223372036854775808',
      'null',
      'AGT_01K9X3V7Q2M4T6W8Y0A2C4E6G8',
      'a'.repeat(400),
      '%F0%9F%98%80',
      "';--",
      '[]',
      '{}',
      '%00',
      'x'.repeat(5000),
    ])('answers 400 or 404 to the id %.30s', async (id) =>
      expect([400, 404]).toContain((await house.get(`/api/v1/agents/${id}`)).status),
    );
  });

  describe('bodies', () => {
    it('of success are the envelope', async () => {
      const { body, headers } = await house.get('/api/v1/agents?limit=1');
      expect(Object.keys(body).toSorted()).toEqual(['data', 'meta', 'success']);
      expect(body.meta).toEqual({
        requestId: headers.get('x-request-id'),
        timestamp: expect.stringMatching(/Z$/),
        version: 'v1',
        pagination: expect.any(Object),
      });
    });

    it('of failure are one shape, or RFC 9457 for those who ask', async () => {
      const plain = await house.get('/api/v1/agents/agt_none');
      expect(plain.body).toEqual({
        success: false,
        error: {
          code: 'agent_not_found',
          category: 'not_found',
          message: expect.any(String),
          status: 404,
          retryable: false,
        },
        meta: {
          requestId: plain.headers.get('x-request-id'),
          traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
          timestamp: expect.any(String),
        },
      });
      const problem = await house.get('/api/v1/agents/agt_none', { headers: { accept: 'application/problem+json' } });
      expect(problem.headers.get('content-type')).toContain('application/problem+json');
      expect(problem.body).toMatchObject({
        type: expect.stringContaining('agent_not_found'),
        title: 'Not Found',
        status: 404,
        detail: plain.body.error.message,
        instance: '/api/v1/agents/agt_none',
        code: 'agent_not_found',
        requestId: problem.headers.get('x-request-id'),
        errors: [],
      });
      const early = await house.get('/api/v1/agents', { key: null, headers: { accept: 'application/problem+json' } });
      expect(early.body).toMatchObject({ status: 401, code: 'unauthenticated' });
    });

    it('of a fault of ours tell nothing', async () => {
      const { status, text, body } = await house.get('/api/v1/probe/broken');
      expect([status, body.error.code]).toEqual([500, 'internal_error']);
      expect(text).not.toMatch(/hunter2|SELECT|passwd|\.ts|node_modules/);
    });
  });

  describe('lists', () => {
    beforeAll(async () => {
      for (let i = 0; i < 3; i++) {
        const { status } = await house.post(
          '/api/v1/agents',
          { name: `list-${i}`, kind: 'tool-loop' },
          { key: tenant },
        );
        expect(status).toBe(201);
      }
    });
    const list = (query: string, key = tenant) => house.get(`/api/v1/agents?${query}`, { key });

    it('run newest first from page to page, each item once', async () => {
      const names: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body } = await list(`limit=2${cursor && `&cursor=${cursor}`}`);
        names.push(...(body.data as { name: string }[]).map(({ name }) => name));
        expect(body.meta.pagination).toMatchObject({
          limit: 2,
          count: body.data.length,
          hasMore: body.meta.pagination.nextCursor !== null,
        });
        cursor = body.meta.pagination.nextCursor as string | null;
      }
      expect(names).toEqual(['list-2', 'list-1', 'list-0']);
    });

    it('count everything when asked', async () => {
      expect((await list('limit=1&total=true')).body.meta.pagination).toMatchObject({
        total: 3,
        count: 1,
        hasMore: true,
      });
    });

    it('refuse a cursor that is forged, or of another list, filter or tenant', async () => {
      const cursor = (await list('limit=1')).body.meta.pagination.nextCursor as string;
      const foreign = await list(`limit=1&cursor=${cursor}`, house.apiKey);
      const elsewhere = await house.get(`/api/v1/collections?cursor=${cursor}`, { key: tenant });
      for (const answer of [
        foreign,
        elsewhere,
        await list(`cursor=${cursor}x`),
        await list('cursor=abc'),
        await list('cursor='),
      ]) {
        expect(codeOf(answer)).toBe('400 validation_failed');
      }
    });

    it.each([
      'limit=0',
      'limit=-1',
      'limit=101',
      'limit=1e9',
      'limit=abc',
      'limit=1&limit=2',
      'total=x',
      'a[]=1',
      'a[b]=1',
      'page=2',
      'cursor=%00',
    ])('refuse the query %s', async (query) => expect(codeOf(await list(query))).toBe('400 validation_failed'));

    it('name every fault of a thousand parameters within reason', async () => {
      const { status, body } = await list(Array.from({ length: 1000 }, (_, i) => `p${i}=1`).join('&'));
      expect(status).toBe(400);
      expect(body.error.details.length).toBeLessThanOrEqual(101);
    });
  });

  describe('unknown input', () => {
    it('is refused with every fault and its place', async () => {
      const { status, body } = await house.post('/api/v1/agents', {
        nmae: 'x',
        tools: 7,
        model: { temperature: 'hot' },
      });
      expect([status, body.error.code, body.error.category]).toEqual([400, 'validation_failed', 'validation']);
      const paths = (body.error.details as { path: string }[]).map(({ path }) => path).join(' ');
      for (const path of ['name', 'nmae', 'tools', 'model.temperature']) expect(paths).toContain(path);
      for (const detail of body.error.details)
        expect(Object.keys(detail).toSorted()).toEqual(['code', 'message', 'path']);
    });

    it.each([
      ['{"name":', '400 malformed_json'],
      ['{"name":NaN}', '400 malformed_json'],
      ['\uFEFF{"name":"a"}', '400 malformed_json'],
      ['{"name":"a","name":"b"}', '400 validation_failed'],
      ['{"name":"a\\u0000b"}', '400 validation_failed'],
      ['{"name":"\\udc00"}', '400 validation_failed'],
      ['{"name":"a","__proto__":{"admin":true}}', '400 validation_failed'],
      ['{"name":"a","constructor":{"prototype":{"admin":true}}}', '400 validation_failed'],
      ['[]', '400 validation_failed'],
      ['7', '400 validation_failed'],
      ['', '400 validation_failed'],
    ])('refuses the body %s', async (text, expected) => {
      expect(codeOf(await house.post('/api/v1/api-keys', text))).toBe(expected);
      expect(({} as { admin?: boolean }).admin).toBeUndefined();
    });

    it('refuses what is nested too deep, and too many fields, quickly', async () => {
      const started = performance.now();
      const deep = await house.post('/api/v1/agents', `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
      const wide = await house.post(
        '/api/v1/agents',
        `{${Array.from({ length: 60_000 }, (_, i) => `"${i}":1`).join(',')}}`,
      );
      expect([codeOf(deep), codeOf(wide)]).toEqual(['400 validation_failed', '400 validation_failed']);
      expect(performance.now() - started).toBeLessThan(2000);
    });

    it('answers 413 above 1 MiB', async () => {
      const body = (bytes: number) => `{"name":"${'x'.repeat(bytes - 11)}"}`;
      expect((await house.post('/api/v1/agents', body(1_048_576))).status).toBe(400);
      expect(codeOf(await house.post('/api/v1/agents', body(1_048_577)))).toBe('413 payload_too_large');
    });

    it.each([
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16',
      'application/json; charset=utf-7',
    ])('answers 415 to %s', async (type) =>
      expect(codeOf(await house.post('/api/v1/agents', '{"name":"a"}', { headers: { 'content-type': type } }))).toBe(
        '415 unsupported_media_type',
      ),
    );

    it('answers 415 to a compressed body', async () => {
      const answer = await house.post('/api/v1/agents', '{}', { headers: { 'content-encoding': 'gzip' } });
      expect(codeOf(answer)).toBe('415 unsupported_media_type');
    });

    it.each([
      'text ‮ right to left',
      'zero​width',
      '👩‍👩‍👧‍👦',
      'e\u0301',
      "Robert'); DROP TABLE agents;--",
      '<script>alert(1)</script>',
      '${jndi:ldap://x}',
      'undefined',
      '%s%n',
    ])('stores the text %s as it came', async (text) => {
      const { status, body } = await agent('texts', { description: text });
      expect([status, body.data?.description]).toEqual([201, text]);
      expect((await house.get(`/api/v1/agents/${body.data.id}`)).body.data.description).toBe(text);
    });

    it('tells an unknown route from a wrong method', async () => {
      expect(codeOf(await house.get('/api/v1/nothing'))).toBe('404 route_not_found');
      const wrong = await house.put('/api/v1/agents', {});
      expect([codeOf(wrong), wrong.headers.get('allow')]).toEqual(['405 method_not_allowed', 'GET, HEAD, POST']);
      expect(wrong.headers.get('x-request-id')).toBe(wrong.body.meta.requestId);
    });

    it('answers 400 to what is no HTTP', async () => {
      expect(await raw('NOT HTTP\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [\s\S]*"validation_failed"/);
      const smuggled = [
        'POST /api/v1/agents HTTP/1.1',
        'host: x',
        'content-length: 4',
        'transfer-encoding: chunked',
        '',
        '0',
        '',
        '',
      ];
      expect(await raw(smuggled.join('\r\n'))).toMatch(/^HTTP\/1.1 400 /);
    });
  });

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
      const other = await keyed('/api/v1/agents', { name: 'b', kind: 'tool-loop' }, 'k-2', tenant);
      expect([other.status, other.headers.get('idempotency-replayed')]).toEqual([201, null]);
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
      const first = keyed('/api/v1/probe/count', {}, 'k-4');
      let second = await keyed('/api/v1/probe/count', {}, 'k-4');
      work.release();
      expect((await first).status + second.status).toBe(201 + 409);
      expect([await first, second].map(codeOf)).toContain('409 idempotency_in_progress');
      second = await keyed('/api/v1/probe/count', {}, 'k-4');
      expect([second.status, work.made]).toEqual([201, 1]);
    });

    it('forgets a key after its time, and takes over from an attempt that died', async () => {
      await keyed('/api/v1/probe/count', {}, 'k-5');
      await rows(`UPDATE idempotency_keys SET expires_at = now() - interval '1 s' WHERE key = 'k-5'`);
      expect((await keyed('/api/v1/probe/count', {}, 'k-5')).body.data).toEqual({ made: 2 });
      await rows(`UPDATE idempotency_keys SET outcome = NULL WHERE key = 'k-5'`);
      expect(codeOf(await keyed('/api/v1/probe/count', {}, 'k-5'))).toBe('409 idempotency_in_progress');
      await rows(`UPDATE idempotency_keys SET lease_until = now() - interval '1 s' WHERE key = 'k-5'`);
      expect((await keyed('/api/v1/probe/count', {}, 'k-5')).body.data).toEqual({ made: 3 });
    });

    it('keeps a result that holds a secret unreadable at rest', async () => {
      const body = { name: 'secret', scopes: ['agents:read'] };
      const first = await keyed('/api/v1/api-keys', body, 'k-6');
      const [row] = await rows(`SELECT outcome FROM idempotency_keys WHERE key = 'k-6'`);
      expect(row!.outcome).not.toContain(first.body.data.key);
      expect((await keyed('/api/v1/api-keys', body, 'k-6')).body.data.key).toBe(first.body.data.key);
    });

    it('refuses a key that is none', async () => {
      expect(codeOf(await keyed('/api/v1/probe/count', {}, 'x'.repeat(256)))).toBe('400 validation_failed');
    });
  });

  describe('concurrency', () => {
    it('gives definitions an ETag, and refuses a change of an older one', async () => {
      const { body, headers } = await agent('tagged');
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

  describe('correlation', () => {
    it('takes the caller’s id and trace, or makes them', async () => {
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      const { body, headers } = await house.get('/api/v1/agents/agt_none', {
        headers: { 'x-request-id': 'A.b_c:9-d', traceparent },
      });
      expect([headers.get('x-request-id'), body.meta.requestId, body.meta.traceId]).toEqual([
        'A.b_c:9-d',
        'A.b_c:9-d',
        '4bf92f3577b34da6a3ce929d0e0e4736',
      ]);
      for (const id of ['a b', 'x'.repeat(129), 'a"b', '<x>']) {
        const made = (await house.get('/api/v1/agents', { headers: { 'x-request-id': id } })).headers.get(
          'x-request-id',
        );
        expect(made).toMatch(/^req_[0-9a-z]{26}$/);
      }
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
      expect(metrics.status).toBe(200);
      work.release();
      const statuses = (await Promise.all(all)).map(({ status }) => status);
      expect([
        statuses.filter((status) => status === 200).length,
        statuses.filter((status) => status === 503).length,
      ]).toEqual([20, 20]);
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
        'host: x',
        `authorization: Bearer ${house.apiKey}`,
        'content-type: application/json',
        'content-length: 100',
        '',
        '{"name":',
      ];
      expect(await raw(head.join('\r\n'))).toMatch(/^HTTP\/1.1 504 [\s\S]*"request_timeout"/);
    });
  });

  describe('answers', () => {
    it('are compressed from 1000 bytes on, but never a stream', async () => {
      for (const encoding of ['br', 'gzip']) {
        const big = await house.get('/api/v1/probe/big', { headers: { 'accept-encoding': encoding } });
        expect([big.headers.get('content-encoding'), big.body.data.text.length]).toEqual([encoding, 2000]);
        expect(big.headers.get('vary')).toMatch(/accept-encoding/i);
      }
      const headers = { 'accept-encoding': 'br' };
      expect(
        (await house.get('/api/v1/agents?limit=1', { headers, key: tenant })).headers.get('content-encoding'),
      ).toBeNull();
      expect((await house.get('/api/v1/probe/stream', { headers })).headers.get('content-encoding')).toBeNull();
    });

    it('carry security headers, and none that tells what they are made of', async () => {
      for (const path of ['/api/v1/agents', '/api/v1/nothing']) {
        const { headers } = await house.get(path);
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('x-frame-options')).toBe('DENY');
        expect(headers.get('cache-control')).toBe('no-store');
        expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
        expect([headers.get('x-powered-by'), headers.get('server')]).toEqual([null, null]);
      }
    });

    it('go to pages of listed origins only', async () => {
      const from = async (origin: string) => {
        const answer = await house.get('/api/v1/agents?limit=1', { headers: { origin } });
        return answer.headers.get('access-control-allow-origin');
      };
      expect(await from('https://app.example')).toBe('https://app.example');
      for (const origin of ['https://app.example.evil.com', 'null', 'http://app.example', 'https://evil.com'])
        expect(await from(origin)).toBeNull();
      const preflight = await request(
        'OPTIONS /api/v1/agents HTTP/1.1',
        'origin: https://app.example',
        'access-control-request-method: POST',
      );
      expect(preflight).toMatch(/^HTTP\/1.1 204 /);
      expect(preflight).not.toMatch(/allow-credentials/i);
    });
  });

  describe('deprecation', () => {
    it('is told on all answers of a deprecated version, errors too, and on no other', async () => {
      const sunset = new Date('2026-01-01T00:00:00Z');
      house.app
        .get(Deprecations, { strict: false })
        .register('/api/v0', { since: new Date('2025-01-01T00:00:00Z'), sunset, successor: 'v1' });
      const { status, headers } = await house.get('/api/v0/lex', { key: null });
      expect(status).toBe(404);
      expect(Object.fromEntries(headers)).toMatchObject({
        deprecation: '@1735689600',
        sunset: 'Thu, 01 Jan 2026 00:00:00 GMT',
        link: '</api/v1>; rel="successor-version"',
        'x-api-deprecated': 'true',
        'x-api-sunset': '2026-01-01',
        'x-api-upgrade-to': 'v1',
      });
      expect((await house.get('/api/v1/agents')).headers.get('deprecation')).toBeNull();
    });
  });
});
