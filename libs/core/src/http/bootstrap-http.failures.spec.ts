import { lines, useHttpFixture } from './spec-fixture/http-fixture.js';

describe('createHttpApp: failures', () => {
  const { call, post, raw, arrived } = useHttpFixture();

  describe('failures', () => {
    it('reports every fault of a body with its path', async () => {
      const { status, body } = await post('/api/v1/things', {
        name: '',
        parts: [{ size: 0 }, { size: 'x', extra: 1 }],
        nmae: 1,
      });
      expect(status).toBe(400);
      expect(body).toMatchObject({
        success: false,
        error: { code: 'validation_failed', category: 'validation', status: 400, retryable: false },
      });
      const faults = body.error.details.map(({ path, code }: { path: string; code: string }) => `${path} ${code}`);
      expect(faults.toSorted()).toEqual([
        'name too_short',
        'nmae unknown_field',
        'parts[0].size too_small',
        'parts[1].extra unknown_field',
        'parts[1].size invalid_type',
      ]);
      expect(body.meta).toEqual({
        requestId: expect.stringMatching(/^req_/),
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
        timestamp: expect.any(String),
      });
    });

    it.each(['[]', 'null', '"text"', '7', '[{"name":"a"}]'])(
      'says what to send instead of the body %s',
      async (text) => {
        const { status, body } = await post('/api/v1/things', text);
        expect([status, body.error.code]).toEqual([400, 'validation_failed']);
        const message = 'Send a JSON object with fields of these: name, parts';
        expect(body.error.details).toEqual([{ path: '', code: 'not_an_object', message }]);
      },
    );

    it('refuses fields and parameters that a route does not read', async () => {
      const fault = (path: string) => ({
        path,
        code: 'unknown_field',
        message: `There is no field ${path}: remove it`,
      });
      const all = await post('/api/v1/things/batch?x=1', { foo: 1, bar: null });
      expect([all.status, all.body.error.code]).toEqual([400, 'validation_failed']);
      expect(all.body.error.details).toEqual([fault('x'), fault('foo'), fault('bar')]);
      expect((await call('/api/v1/things/a?x=1')).body.error.details).toEqual([fault('x')]);
      expect((await post('/api/v1/things/batch', '[]')).body.error.details).toMatchObject([
        { code: 'unexpected_body' },
      ]);
    });

    it('lets a route that reads no input have none, or an empty object', async () => {
      expect((await call('/api/v1/things/batch', { method: 'POST' })).status).toBeLessThan(300);
      expect((await post('/api/v1/things/batch', {})).status).toBeLessThan(300);
      expect((await call('/health/live?probe=1')).status).toBe(200);
      expect((await call('/api/v1/things/context?limit=100')).status).toBe(200);
    });

    it('has no fault of ours to log where a client leaves halfway through its body', async () => {
      const head = 'host: localhost\r\ncontent-type: application/json\r\ncontent-length: 100';
      await raw(`POST /api/v1/things HTTP/1.1\r\n${head}\r\n\r\n{"na`, undefined, arrived(1));
      while (!lines.some(({ fields }) => 'code' in fields)) await new Promise(setImmediate);
      expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
    });

    it('names a missing field once, as required', async () => {
      const { body } = await post('/api/v1/things', {});
      expect(body.error.details).toEqual([{ path: 'name', code: 'required', message: expect.any(String) }]);
    });

    it.each(['limit=0', 'limit=-1', 'limit=1e9', 'limit=x', 'limit=1&limit=2', 'a[b]=1', 'nope=1', 'total=maybe'])(
      'refuses the query %s',
      async (query) => {
        const { status, body } = await call(`/api/v1/things?${query}`);
        expect([status, body.error.code]).toEqual([400, 'validation_failed']);
      },
    );

    it.each([
      ['{"name":', 'malformed_json'],
      ['NaN', 'malformed_json'],
      ['\uFEFF{"name":"a"}', 'malformed_json'],
      ['{"name":"a\\u0000"}', 'validation_failed'],
      ['{"name":"\\ud800"}', 'validation_failed'],
      ['{"__proto__":{"x":1},"name":"a"}', 'validation_failed'],
      ['{"constructor":{"prototype":{}},"name":"a"}', 'validation_failed'],
      ['{"name":"a","name":"b"}', 'validation_failed'],
      [`{"name":${'['.repeat(100_000)}`, 'validation_failed'],
      ['[]', 'validation_failed'],
      ['"text"', 'validation_failed'],
      ['null', 'validation_failed'],
    ])('refuses the body %#: 400', async (text, code) => {
      const { status, body } = await post('/api/v1/things', text);
      expect([status, body.error.code]).toEqual([400, code]);
      expect(({} as { x?: number }).x).toBeUndefined();
    });

    it('refuses a body above 1 MiB, whether it says its length or not', async () => {
      const large = JSON.stringify({ name: 'x'.repeat(1024 * 1024) });
      expect((await post('/api/v1/things', large)).body.error).toMatchObject({
        code: 'payload_too_large',
        status: 413,
      });
      const chunked = new ReadableStream({
        start(controller) {
          for (let i = 0; i < 20; i++) controller.enqueue(new Uint8Array(65536).fill(0x20));
          controller.close();
        },
      });
      const init = { method: 'POST', body: chunked, duplex: 'half', headers: { 'content-type': 'application/json' } };
      expect((await call('/api/v1/things', init as never)).status).toBe(413);
    });

    it.each([
      [{ 'content-type': 'text/plain' }],
      [{ 'content-type': 'application/x-www-form-urlencoded' }],
      [{ 'content-type': 'multipart/form-data; boundary=x' }],
      [{ 'content-type': 'application/json; charset=utf-16' }],
      [{ 'content-type': 'application/json; charset=utf-7' }],
      [{ 'content-type': 'application/xml' }],
      [{ 'content-type': 'application/json', 'content-encoding': 'gzip' }],
    ])('answers 415 to %j', async (headers) => {
      const { status, body } = await post('/api/v1/things', '{"name":"a"}', headers as never);
      expect([status, body.error.code]).toEqual([415, 'unsupported_media_type']);
    });

    it.each([
      ' application/json',
      '\tapplication/json',
      'APPLICATION/JSON',
      'application/json; charset=UTF-8',
      'application/json garbage',
    ])('validates or refuses a body of type "%s", and never lets it through unchecked', async (type) => {
      const { status } = await post('/api/v1/things', '{"nmae":"a"}', { 'content-type': type });
      expect([400, 415]).toContain(status);
    });

    it('answers 415 to a body without a type', async () => {
      const { status } = await call('/api/v1/things', { method: 'POST', body: new Blob(['{"name":"a"}']) });
      expect(status).toBe(415);
    });

    it('tells an unknown route from a wrong method', async () => {
      const unknown = await call('/api/v1/nothing');
      expect(unknown.body.error).toMatchObject({ code: 'route_not_found', category: 'not_found', status: 404 });
      const wrong = await call('/api/v1/things', { method: 'DELETE' });
      expect(wrong.body.error).toMatchObject({ code: 'method_not_allowed', status: 405 });
      expect(wrong.headers.get('allow')).toBe('GET, HEAD, POST');
      expect((await call('/api/v1/things', { method: 'OPTIONS' })).status).toBe(405);
      expect((await call('/api/v2/things')).status).toBe(404);
    });

    it.each(['TRACE', 'PROPFIND', 'PURGE'])('answers 405 to %s', async (method) => {
      expect(await raw(`${method} /api/v1/things HTTP/1.1\r\nhost: localhost\r\n\r\n`)).toMatch(
        /^HTTP\/1.1 405 [\s\S]*"method_not_allowed"/,
      );
    });

    it('ignores X-HTTP-Method-Override', async () => {
      const { status } = await call('/api/v1/things/a', { headers: { 'x-http-method-override': 'PATCH' } });
      expect(status).toBe(200);
    });

    it.each([
      '/api/v1/things/%ff',
      '/api/v1/things/%',
      '/api/v1/things/a%00',
      '/api/v1/things?cursor=%00',
      `/api/v1/things/${'x'.repeat(2000)}`,
    ])('answers 400 to the malformed URL %#', async (url) => {
      const { status, body, headers } = await call(url);
      expect([status, body.error.code]).toEqual([400, 'validation_failed']);
      expect(headers.get('x-request-id')).toBe(body.meta.requestId);
    });

    it('gives its security headers with answers that come before everything else', async () => {
      for (const line of ['GET /%zz', 'GET /api/v1/things?a=%00', 'TRACE /api/v1/things']) {
        const answer = await raw(`${line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
        expect(answer).toMatch(/^HTTP\/1.1 4/);
        expect(answer).toMatch(/\r\nx-content-type-options: nosniff\r\n/);
      }
    });

    it('answers to its own names only', async () => {
      const ask = (target: string, ...hosts: string[]) =>
        raw(
          [`GET ${target} HTTP/1.1`, ...hosts.map((host) => `host: ${host}`), 'connection: close', '', ''].join('\r\n'),
        );
      const other = await ask('/api/v1/things/a', 'evil.example');
      expect(other).toMatch(/^HTTP\/1.1 421 Misdirected Request\r\n/);
      expect(other).toContain('"code":"host_not_allowed"');
      expect(other).toMatch(/\r\nx-content-type-options: nosniff\r\n/);
      expect(await ask('http://evil.example/api/v1/things/a', 'localhost')).toMatch(/^HTTP\/1.1 421 /);
      expect(await ask('/nowhere', 'evil.example')).toMatch(/^HTTP\/1.1 421 /);
      expect(await ask('/api/v1/things/a', 'localhost', 'localhost')).toMatch(/^HTTP\/1.1 400 /);
      expect(await ask('/api/v1/things/a')).toMatch(/^HTTP\/1.1 400 /);
      expect(await ask('/api/v1/things/a', '127.0.0.1:9')).toMatch(/^HTTP\/1.1 200 /);
    });

    it('answers what is no HTTP in the same body', async () => {
      const answer = await raw('GARBAGE\r\n\r\n');
      expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request/);
      expect(answer).toContain('"category":"validation"');
      expect(answer).toMatch(/\r\nx-content-type-options: nosniff\r\n/);
      expect(answer).toMatch(/\r\ncontent-security-policy: .*frame-ancestors 'none'/);
      const overflow = await raw(`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
      expect(overflow).toMatch(/^HTTP\/1.1 431 Request Header Fields Too Large\r\n.*"status":431,/s);
      expect(
        await raw(
          'POST /api/v1/things HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc',
        ),
      ).toMatch(/^HTTP\/1.1 400 /);
    });

    it('says nothing of a fault of ours, and logs all of it once under the same id', async () => {
      const { status, body, text } = await call('/api/v1/things/broken');
      expect([status, body.error.code]).toEqual([500, 'internal_error']);
      expect(text).not.toMatch(/SELECT|passwd|\.ts|at /);
      const faults = lines.filter(({ level }) => level === 'error');
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatchObject({
        fields: {
          requestId: body.meta.requestId,
          function: expect.stringContaining('broken'),
          err: expect.objectContaining({ stack: expect.stringContaining('SELECT') }),
        },
        message: expect.stringMatching(/^Error in .*broken: SELECT/),
      });
    });

    it('survives a thrown string', async () => {
      expect((await call('/api/v1/things/string')).body.error.code).toBe('internal_error');
      expect(lines.find(({ level }) => level === 'error')?.message).toContain('just words');
    });

    it('shows provider and Retry-After of an upstream failure', async () => {
      const { status, body, headers } = await call('/api/v1/things/upstream');
      expect(status).toBe(502);
      expect(body.error).toMatchObject({ code: 'provider_unavailable', provider: 'groq', retryable: true });
      expect(headers.get('retry-after')).toBe('2');
    });

    it('speaks RFC 9457 to those who ask for it', async () => {
      const { status, body, headers } = await call('/api/v1/things/b', {
        headers: { accept: 'application/problem+json' },
      });
      expect([status, headers.get('content-type')]).toEqual([404, 'application/problem+json; charset=utf-8']);
      expect(body).toEqual({
        type: 'urn:guildhall:error:thing_not_found',
        title: 'Not Found',
        status: 404,
        detail: "No thing with id 'b'",
        instance: '/api/v1/things/b',
        code: 'thing_not_found',
        category: 'not_found',
        retryable: false,
        requestId: headers.get('x-request-id'),
        traceId: expect.any(String),
        errors: [],
      });
    });
  });
});
