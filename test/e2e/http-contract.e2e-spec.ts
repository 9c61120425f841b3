import { RequestMethod, type Type } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { Deprecations } from '../../libs/core/src/http/deprecations.js';
import { type ProbedHouse, codeOf, startProbedHouse } from './probed-house.js';

describe('the HTTP contract', () => {
  let house: ProbedHouse;
  beforeAll(async () => {
    house = await startProbedHouse({ CORS_ORIGINS: ['https://app.example'] });
  });
  afterAll(() => house.close());

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

  it('describes every route of every controller in its OpenAPI document, and no other', async () => {
    const { paths } = (await house.get('/openapi.json')).body as { paths: Record<string, object> };
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const versioned = described.filter((name) => name.includes(' /api/v1/'));
    expect(versioned.toSorted()).toEqual(versionedRoutes().toSorted());
    expect(versioned).toEqual(expect.arrayContaining(['GET /api/v1/agents/{id}', 'POST /api/v1/probe/count']));
  });

  /** Of version 1, read from the controllers as Nest does; surfaces of other protocols have no version. */
  function versionedRoutes(): string[] {
    const [scanner, modules] = [new MetadataScanner(), house.app.get(ModulesContainer)];
    const controllers = [...modules.values()].flatMap((module) => [...module.controllers.values()]);
    return [...new Set(controllers.map(({ metatype }) => metatype as Type))].flatMap((controller) => {
      if (Reflect.getMetadata('__version__', controller) !== '1') return [];
      const base: string = Reflect.getMetadata('path', controller);
      const handlers = controller.prototype as Record<string, object>;
      return scanner.getAllMethodNames(handlers).flatMap((name) => {
        const path = Reflect.getMetadata('path', handlers[name]!) as string | undefined;
        if (path === undefined) return [];
        const method = RequestMethod[Reflect.getMetadata('method', handlers[name]!) as RequestMethod];
        const full = `/api/v1/${base}/${path}`.replaceAll(/\/+/g, '/').replace(/\/$/, '');
        return `${method} ${full.replaceAll(/:(\w+)/g, '{$1}')}`;
      });
    });
  }

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
      expect(await house.request('GET /api/v1/agents HTTP/1.1', bearer, bearer)).toMatch(/^HTTP\/1.1 401 /);
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
      expect(await house.request(`GET ${path} HTTP/1.1`)).toMatch(/^HTTP\/1.1 (400|401|404|405) /);
    });

    it.each(['HEAD', 'DELETE', 'PUT', 'OPTIONS', 'TRACE', 'PROPFIND'])(
      'lets nobody in by the method %s',
      async (method) => {
        const answer = await house.request(
          `${method} /api/v1/agents HTTP/1.1`,
          'x-http-method-override: GET',
          'x-forwarded-for: 127.0.0.1',
        );
        expect(answer).toMatch(/^HTTP\/1.1 (401|405) /);
      },
    );

    it("answers another tenant's id as one that does not exist", async () => {
      const { body } = await house.agent('hidden');
      const id = body.data.id as string;
      const foreign = await house.get(`/api/v1/agents/${id}`, { key: house.tenant });
      const unknown = `${id.slice(0, -4)}0000`;
      const missing = await house.get(`/api/v1/agents/${unknown}`, { key: house.tenant });
      expect(codeOf(foreign)).toBe('404 agent_not_found');
      expect(JSON.stringify(foreign.body.error).replace(id, '')).toBe(
        JSON.stringify(missing.body.error).replace(unknown, ''),
      );
    });
  });

  describe('ids and names', () => {
    it('gives prefixed ids that sort by time, camelCase fields and times in UTC', async () => {
      const made = [await house.agent('one'), await house.agent('two')].map(({ body }) => body.data);
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

    it('of two hundred requests at once are not mixed up', async () => {
      const tried = await Promise.all(
        Array.from({ length: 200 }, async (_, at) => {
          const { status, body } = await house.post('/api/v1/threads', { title: `thread ${at}` });
          return status === 503 ? undefined : [at, body.data.title];
        }),
      );
      const answered = tried.filter((one) => one !== undefined);
      expect(answered).toEqual(answered.map(([at]) => [at, `thread ${at}`]));
      // A tenant has a share of the places only; the rest is told to come back.
      expect(answered.length).toBeGreaterThanOrEqual(50);
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

  describe('answers', () => {
    it('are compressed from 1000 bytes on, but never a stream', async () => {
      for (const encoding of ['br', 'gzip']) {
        const big = await house.get('/api/v1/probe/big', { headers: { 'accept-encoding': encoding } });
        expect([big.headers.get('content-encoding'), big.body.data.text.length]).toEqual([encoding, 2000]);
        expect(big.headers.get('vary')).toMatch(/accept-encoding/i);
      }
      const headers = { 'accept-encoding': 'br' };
      expect(
        (await house.get('/api/v1/agents?limit=1', { headers, key: house.tenant })).headers.get('content-encoding'),
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
      const preflight = await house.request(
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
