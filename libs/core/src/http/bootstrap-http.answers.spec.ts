import { settingsFrom } from '../config/load-settings.js';
import { createHttpApp } from './bootstrap-http.js';
import { logger, testModule, useHttpFixture } from './spec-fixture/http-fixture.js';

describe('createHttpApp: answers', () => {
  const { call, post } = useHttpFixture();

  describe('successes', () => {
    it('wraps data into the envelope', async () => {
      const { status, body, headers } = await call('/api/v1/things/a', { headers: { 'x-request-id': 'my-id_1.2:3' } });
      expect(status).toBe(200);
      expect(body).toEqual({
        success: true,
        data: { id: 'a' },
        meta: { requestId: 'my-id_1.2:3', timestamp: expect.stringMatching(/Z$/), version: 'v1' },
      });
      expect(headers.get('x-request-id')).toBe('my-id_1.2:3');
      expect(headers.get('etag')).toBe('"3"');
    });

    it('puts pagination into meta', async () => {
      const { body } = await call('/api/v1/things?limit=7');
      expect(body.data).toEqual([{ id: 'a' }]);
      expect(body.meta.pagination).toEqual({ limit: 7, count: 1, hasMore: false, nextCursor: null });
    });

    it('answers 304 to a client that has this revision', async () => {
      const { status, text } = await call('/api/v1/things/a', { headers: { 'if-none-match': 'W/"3"' } });
      expect([status, text]).toEqual([304, '']);
    });

    it('answers 207 with meta.partial to a partial success', async () => {
      const { status, body } = await post('/api/v1/things/batch', {});
      expect(status).toBe(207);
      expect(body.meta.partial).toBe(true);
    });

    it('sends 201 with Location, 204 without a body, raw results and streams as they are', async () => {
      const created = await post('/api/v1/things', { name: 'n' });
      expect([created.status, created.headers.get('location')]).toEqual([201, '/api/v1/things/a']);
      expect(await call('/api/v1/things/a', { method: 'PATCH' })).toMatchObject({ status: 204, text: '' });
      expect((await call('/api/v1/things/raw')).body).toEqual({ plain: true });
      const stream = await call('/api/v1/things/stream', { headers: { 'accept-encoding': 'gzip' } });
      expect([stream.text, stream.headers.get('content-type'), stream.headers.get('content-encoding')]).toEqual([
        'data: hello\n\n',
        'text/event-stream',
        null,
      ]);
      expect(stream.headers.get('x-request-id')).toMatch(/^req_/);
    });

    it('compresses from 1000 bytes on, and says that it varies', async () => {
      for (const encoding of ['br', 'gzip']) {
        const big = await call('/api/v1/things/big', { headers: { 'accept-encoding': encoding } });
        expect(big.headers.get('content-encoding')).toBe(encoding);
        expect(big.headers.get('vary')).toMatch(/accept-encoding/i);
        expect(big.body.data).toHaveLength(2000);
      }
      expect(
        (await call('/api/v1/things/a', { headers: { 'accept-encoding': 'br' } })).headers.get('content-encoding'),
      ).toBeNull();
    });

    it.each([
      ['identity', '/api/v1/things/big', 'Origin, accept-encoding'],
      ['br', '/api/v1/things/big', 'Origin, accept-encoding'],
      ['identity', '/api/v1/things/b', 'Origin, accept-encoding'],
      ['br', '/api/v1/things/stream', 'Origin'],
    ])('says of what %s gets from %s that it varies by: %s', async (encoding, path, vary) => {
      expect((await call(path, { headers: { 'accept-encoding': encoding } })).headers.get('vary')).toBe(vary);
    });

    it('says that it varies where the client has it already', async () => {
      const { headers } = await call('/api/v1/things/a', { headers: { 'if-none-match': '"3"' } });
      expect(headers.get('vary')).toBe('Origin, accept-encoding');
    });

    it('sets security headers and hides what it is made of', async () => {
      const { headers } = await call('/api/v1/things/a');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(
        headers.get('x-powered-by') ?? headers.get('server') ?? headers.get('strict-transport-security'),
      ).toBeNull();
    });
  });

  describe('deprecation', () => {
    it('is announced on every answer of a deprecated version, errors too', async () => {
      const { status, headers } = await call('/api/v0/anything');
      expect(status).toBe(404);
      expect(Object.fromEntries(headers)).toMatchObject({
        deprecation: '@1735689600',
        sunset: 'Thu, 01 Jan 2026 00:00:00 GMT',
        link: '</api/v1>; rel="successor-version"',
        'x-api-deprecated': 'true',
        'x-api-sunset': '2026-01-01',
        'x-api-upgrade-to': 'v1',
      });
      expect((await call('/api/v1/things/a')).headers.get('x-api-deprecated')).toBeNull();
    });

    it('is announced on a deprecated route', async () => {
      const { status, headers } = await call('/api/v1/things/old');
      expect([status, headers.get('x-api-sunset'), headers.get('link')]).toEqual([
        409,
        '2026-06-01',
        '</api/v1/things>; rel="successor-version"',
      ]);
    });
  });

  describe('documentation', () => {
    it('shows every route with its answers', async () => {
      const { body } = await call('/openapi.json');
      expect(body.openapi).toBe('3.1.0');
      const { get } = body.paths['/api/v1/things/{id}'];
      expect(get.operationId).toBe('thingGet');
      expect(Object.keys(get.responses)).toEqual(
        expect.arrayContaining(['200', '400', '401', '404', '500', '503', '504']),
      );
      expect(body.paths['/health/live'].get.security).toEqual([]);
      expect((await call('/docs')).text).toContain('swagger-ui');
      const { text } = await call('/docs/swagger-ui-init.js');
      for (const name of ['/docs/', '/docs/index.html']) {
        const other = await call(name, { redirect: 'manual' });
        expect([other.status, other.headers.get('location')]).toEqual([302, '../docs']);
      }
      for (const option of ['"docExpansion": "none"', '"filter": true', '"persistAuthorization": false']) {
        expect(text).toContain(option);
      }
    });

    it.each([
      ['development', 'gh_dev_local', true],
      ['development', 'gh_the_operators_own', false],
      ['staging', 'gh_dev_local', false],
      ['test', 'gh_dev_local', false],
    ] as const)('in %s, with the key %s, names the development key: %s', async (NODE_ENV, key, offered) => {
      const DATABASE_URL = 'postgres://localhost/none';
      const settings = settingsFrom({ NODE_ENV, BOOTSTRAP_API_KEY: key, DATABASE_URL });
      const app = await createHttpApp(testModule(settings), settings, { logger, nestLogger: false });
      await app.init();
      const documents = [
        await app.inject({ url: '/openapi.json' }),
        await app.inject({ url: '/docs/swagger-ui-init.js' }),
      ];
      for (const { statusCode, body } of documents) {
        expect(statusCode).toBe(200);
        expect(body.includes('gh_dev_local')).toBe(offered);
        expect(body).not.toContain('gh_the_operators_own');
      }
      await app.close();
    });

    it('is off where the settings say so', async () => {
      const settings = settingsFrom({ NODE_ENV: 'test', DOCS_ENABLED: false });
      const closed = await createHttpApp(testModule(settings), settings, {
        logger,
        nestLogger: false,
      });
      await closed.init();
      for (const url of ['/docs', '/openapi.json']) expect((await closed.inject({ url })).statusCode).toBe(404);
      await closed.close();
    });
  });

  describe('CORS', () => {
    const preflight = (origin: string) =>
      call('/api/v1/things', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

    it('lets listed origins in, without credentials', async () => {
      const { status, headers } = await preflight('https://app.example');
      expect([status, headers.get('access-control-allow-origin')]).toEqual([204, 'https://app.example']);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(
        (await call('/api/v1/things/b', { headers: { origin: 'https://app.example' } })).headers.get(
          'access-control-allow-origin',
        ),
      ).toBe('https://app.example');
    });

    it('shows pages of these origins what a deprecated route announces', async () => {
      const { headers } = await call('/api/v1/things/old', { headers: { origin: 'https://app.example' } });
      const exposed = headers.get('access-control-expose-headers')!.split(', ');
      const announced = [...headers.keys()].filter((name) => /^(deprecation|sunset|link|x-api-.*)$/.test(name));
      expect(announced).toHaveLength(6);
      expect(exposed).toEqual(expect.arrayContaining(announced));
    });

    it.each(['https://app.example.evil.com', 'null', 'http://app.example'])('gives %s nothing', async (origin) => {
      const { status, headers } = await preflight(origin);
      expect([status, headers.get('access-control-allow-origin')]).toEqual([405, null]);
    });
  });
});
