import type { Server } from 'node:http';
import { connect } from 'node:net';
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Module,
  Param,
  Patch,
  Post,
  Query,
  Sse,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { IsInt, IsOptional, IsString, MaxLength, Min, MinLength, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { concatMap, from } from 'rxjs';
import { ConflictError, type Logger, NotFoundError, type RequestContext, UpstreamError } from '@guildhall/sdk';
import { SettingsModule } from '../config/settings.module.js';
import { settingsFrom } from '../config/load-settings.js';
import { Database } from '../database/database.js';
import { Public } from '../security/access.decorators.js';
import { MasterKey } from '../security/master-key.js';
import { Vault } from '../security/vault.js';
import { LOGGER } from '../telemetry/logger.js';
import { currentLogFields } from '../telemetry/log-context.js';
import { createHttpApp } from './bootstrap-http.js';
import { Ctx, type RequestWithContext } from './context.decorator.js';
import { DeprecatedRoute } from './deprecated.decorator.js';
import { Deprecations } from './deprecations.js';
import { IdempotencyInterceptor } from './idempotency/idempotency.interceptor.js';
import { type Claim, IdempotencyRepository } from './idempotency/idempotency.repository.js';
import { IdempotencyService } from './idempotency/idempotency.service.js';
import { Page, PageQuery } from './pagination.js';
import { RawResponse } from './raw-response.decorator.js';
import { Reply } from './reply.js';

class Inner {
  @IsInt()
  @Min(1)
  size: number;
}

class Thing {
  @IsString()
  @MinLength(1)
  @MaxLength(10)
  name: string;

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => Inner)
  parts?: Inner[];
}

const gate = { promise: Promise.resolve(), open: () => {} };
const closeGate = () => void (gate.promise = new Promise((resolve) => (gate.open = resolve)));
const seen = { made: 0, entered: () => {}, left: (_reason: unknown) => {} } as {
  made: number;
  ctx?: RequestContext;
  fields?: object;
  aborted?: unknown;
  entered: () => void;
  left: (reason: unknown) => void;
};

@Controller({ path: 'things', version: '1' })
class ThingController {
  @Get()
  list(@Query() query: PageQuery) {
    return new Page([{ id: 'a' }], { limit: query.limit, count: 1, hasMore: false, nextCursor: null });
  }

  @Get('context')
  context(@Ctx() ctx: RequestContext) {
    seen.ctx = ctx;
    return { requestId: ctx.requestId };
  }

  @Get('big')
  big() {
    return 'x'.repeat(2000);
  }

  @Get('slow')
  async slow(@Ctx() ctx: RequestContext) {
    const note = () => seen.left((seen.aborted = ctx.signal.reason));
    ctx.signal.addEventListener('abort', note, { once: true });
    seen.entered();
    await gate.promise;
    return 'done';
  }

  @Get('broken')
  broken() {
    throw new Error('SELECT secret FROM /etc/passwd');
  }

  @Get('string')
  throwsString() {
    throw 'just words';
  }

  @Get('upstream')
  upstream() {
    throw new UpstreamError('provider_unavailable', "Provider 'groq' refused", {
      provider: 'groq',
      retryAfterMs: 1500,
    });
  }

  @Get('stream')
  stream() {
    return new Response('data: hello\n\n', { headers: { 'content-type': 'text/event-stream' } });
  }

  @Sse('events')
  events() {
    return from(['one', 'two']).pipe(
      concatMap(async (data) => {
        await gate.promise;
        return { data };
      }),
    );
  }

  @Get('raw')
  @RawResponse()
  raw() {
    return { plain: true };
  }

  @Get('old')
  @DeprecatedRoute({
    since: new Date('2025-01-01T00:00:00Z'),
    sunset: new Date('2026-06-01T00:00:00Z'),
    successor: '/api/v1/things',
  })
  old() {
    throw new ConflictError('conflict', 'no');
  }

  @Get(':id')
  get(@Param('id') id: string) {
    if (id !== 'a') throw new NotFoundError('thing', id);
    return new Reply({ id }, { etag: '3' });
  }

  @Post()
  create(@Body() body: Thing) {
    seen.made++;
    seen.fields = currentLogFields();
    if (body.name === 'taken') throw new ConflictError('conflict', 'taken');
    if (body.name === 'down') throw new UpstreamError('provider_unavailable', 'down');
    return new Reply({ id: `t${seen.made}`, ...body }, { status: 201, location: '/api/v1/things/a', etag: '1' });
  }

  @Post('wait')
  async wait() {
    seen.made++;
    await gate.promise;
    return { made: seen.made };
  }

  @Post('batch')
  batch() {
    return new Reply({ ok: 1, failed: 1 }, { partial: true });
  }

  @Post('streamed')
  streamed() {
    return new Response('data: x\n\n', {
      headers: { 'content-type': 'text/event-stream', 'content-location': '/api/v1/things/a' },
    });
  }

  @Patch(':id')
  @HttpCode(204)
  patch() {
    return undefined;
  }
}

@Controller({ path: 'health', version: VERSION_NEUTRAL })
class ProbeController {
  @Get('live')
  @Public()
  @RawResponse()
  live() {
    return { status: 'alive' };
  }
}

/** Keys in memory: the statements themselves are tested on a real database. */
class MemoryKeys extends IdempotencyRepository {
  private readonly rows = new Map<string, { fingerprint: string; attemptId: string; outcome: string | null }>();
  override claim(_: unknown, { key, fingerprint, attemptId }: Claim) {
    if (this.rows.has(key)) return Promise.resolve(false);
    this.rows.set(key, { fingerprint, attemptId, outcome: null });
    return Promise.resolve(true);
  }
  override find(_: unknown, { key }: Claim) {
    return Promise.resolve(this.rows.get(key));
  }
  override complete(_: unknown, { key }: Claim, outcome: string) {
    this.rows.get(key)!.outcome = outcome;
    return Promise.resolve();
  }
  override release(_: unknown, { key }: Claim) {
    this.rows.delete(key);
    return Promise.resolve();
  }
  override purge() {
    return Promise.resolve();
  }
}

const lines: { level: string; fields: Record<string, unknown>; message?: string }[] = [];
const note = (level: string) => (fields: object, message?: string) =>
  void lines.push({ level, fields: fields as never, message });
const logger: Logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };

const settings = settingsFrom({
  NODE_ENV: 'test',
  MAX_CONCURRENT_REQUESTS: 5,
  REQUEST_TIMEOUT: 1,
  CORS_ORIGINS: ['https://app.example'],
});

@Module({
  imports: [SettingsModule.forRoot({ settings, environment: {} as never, warnings: [] })],
  controllers: [ThingController, ProbeController],
  providers: [
    Deprecations,
    IdempotencyInterceptor,
    IdempotencyService,
    { provide: IdempotencyRepository, useClass: MemoryKeys },
    { provide: Database, useValue: { manager: {} } },
    { provide: Vault, useValue: new Vault(new MasterKey(Buffer.alloc(32, 7))) },
    { provide: LOGGER, useValue: logger },
  ],
})
class TestModule {}

describe('createHttpApp', () => {
  let app: NestFastifyApplication;
  let base: string;

  beforeAll(async () => {
    app = await createHttpApp(TestModule, settings, { logger, nestLogger: false });
    app.get(Deprecations).register('/api/v0', {
      since: new Date('2025-01-01T00:00:00Z'),
      sunset: new Date('2026-01-01T00:00:00Z'),
      successor: 'v1',
    });
    // Authentication is another's business; keys need a tenant.
    const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
    fastify.addHook('onRequest', (request, _reply, done) => {
      const carrier = request as unknown as RequestWithContext;
      carrier.guildhall = { ...carrier.guildhall, tenantId: 'default' };
      done();
    });
    await app.listen(0, '127.0.0.1');
    base = await app.getUrl();
  });
  afterAll(() => app.close());
  beforeEach(() => {
    lines.length = 0;
    seen.made = 0;
    seen.aborted = undefined;
    seen.entered = () => {};
    seen.left = () => {};
    gate.promise = Promise.resolve();
  });

  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(base + path, init);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (text.startsWith('{') ? JSON.parse(text) : undefined) as never as any,
    };
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  /** One request, byte for byte; the second part goes out when the server has seen the first. */
  const raw = (text: string, later?: string) =>
    new Promise<string>((resolve, reject) => {
      const server = app.getHttpServer() as Server;
      if (later !== undefined) server.once('request', () => setImmediate(() => socket.write(later)));
      const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.on('data', (chunk) => {
        answer += String(chunk);
        if (answer.includes('}')) socket.destroy();
      });
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });

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
        'parts[1].size too_small',
      ]);
      expect(body.meta).toEqual({
        requestId: expect.stringMatching(/^req_/),
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
        timestamp: expect.any(String),
      });
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
      expect(await raw(`${method} /api/v1/things HTTP/1.1\r\nhost: x\r\n\r\n`)).toMatch(
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

    it('answers what is no HTTP in the same body', async () => {
      const answer = await raw('GARBAGE\r\n\r\n');
      expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request/);
      expect(answer).toContain('"category":"validation"');
      expect(await raw(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
      expect(
        await raw(
          'POST /api/v1/things HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc',
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
      const { status, body, headers } = await call('/api/v1/things/b?x=1', {
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

  describe('correlation', () => {
    it.each(['', 'a b', 'ü', 'x'.repeat(129), 'a"b'])(
      'makes its own id instead of one that is not harmless, %#',
      async (id) => {
        const { body } = await call('/api/v1/things/context', {
          headers: { 'x-request-id': encodeURI(id) === id ? id : encodeURI(id) },
        });
        expect(body.data.requestId).toMatch(/^req_/);
      },
    );

    it('passes traceparent on, and answers failures with its trace id', async () => {
      const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
      const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
      await call('/api/v1/things/context', { headers: { traceparent } });
      expect(seen.ctx?.traceparent).toBe(traceparent);
      expect((await call('/api/v1/things/b', { headers: { traceparent } })).body.meta.traceId).toBe(trace);
      await call('/api/v1/things/context', { headers: { traceparent: 'nonsense' } });
      expect(seen.ctx?.traceparent).toBeUndefined();
    });

    it('keeps the log fields of a request whose body comes later', async () => {
      const body = '{"name":"a"}';
      const head = `POST /api/v1/things HTTP/1.1\r\nhost: x\r\nx-request-id: log-1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
      expect(await raw(head, body)).toMatch(/^HTTP\/1.1 201 /);
      expect(seen.fields).toMatchObject({ requestId: 'log-1', tenantId: 'default' });
    });
  });

  describe('limits', () => {
    it('answers 503 above the number of requests in flight, and exempts probes', async () => {
      closeGate();
      const slow = Array.from({ length: 5 }, () => call('/api/v1/things/slow'));
      let refused = await call('/api/v1/things/a');
      while (refused.status === 200) refused = await call('/api/v1/things/a');
      expect(refused.body.error).toMatchObject({ code: 'concurrency_limited', status: 503, retryable: true });
      expect(refused.headers.get('retry-after')).toBe('1');
      expect((await call('/health/live')).status).toBe(200);
      gate.open();
      expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect((await call('/api/v1/things/a')).status).toBe(200);
    });

    it('answers 504 when the time is up, and aborts the work', async () => {
      closeGate();
      const { status, body } = await call('/api/v1/things/slow');
      expect([status, body.error.code]).toEqual([504, 'request_timeout']);
      expect(seen.aborted).toMatchObject({ code: 'request_timeout' });
      gate.open();
      expect((await call('/api/v1/things/a')).status).toBe(200);
    });

    it('lets a stream outlast the time limit, and frees its place', async () => {
      closeGate();
      const streams = Array.from({ length: 6 }, () =>
        call('/api/v1/things/events', { headers: { accept: 'text/event-stream' } }),
      );
      const slow = await call('/api/v1/things/slow');
      expect(slow.status).toBe(504);
      gate.open();
      for (const { status, text } of await Promise.all(streams)) {
        expect([status, text.match(/^data: .*$/gm)]).toEqual([200, ['data: one', 'data: two']]);
      }
    });

    it('aborts the work of a client that left, and frees its place', async () => {
      closeGate();
      for (let i = 0; i < 6; i++) {
        const controller = new AbortController();
        const entered = new Promise<void>((resolve) => (seen.entered = resolve));
        const left = new Promise((resolve) => (seen.left = resolve));
        const answer = call('/api/v1/things/slow', { signal: controller.signal }).catch(() => 'gone');
        await entered;
        controller.abort();
        expect(await answer).toBe('gone');
        expect(await left).toMatchObject({ code: 'client_closed' });
      }
      gate.open();
      expect((await call('/api/v1/things/a')).status).toBe(200);
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

    it.each(['https://app.example.evil.com', 'null', 'http://app.example'])('gives %s nothing', async (origin) => {
      const { status, headers } = await preflight(origin);
      expect([status, headers.get('access-control-allow-origin')]).toEqual([405, null]);
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
    });

    it('is off where the settings say so', async () => {
      const closed = await createHttpApp(TestModule, settingsFrom({ NODE_ENV: 'test', DOCS_ENABLED: false }), {
        logger,
        nestLogger: false,
      });
      await closed.init();
      for (const url of ['/docs', '/openapi.json']) expect((await closed.inject({ url })).statusCode).toBe(404);
      await closed.close();
    });
  });

  describe('Idempotency-Key', () => {
    it('repeats status, data and headers of the first answer, and does the work once', async () => {
      const headers = { 'idempotency-key': 'k1' };
      const first = await post('/api/v1/things', { name: 'a' }, headers);
      const second = await post('/api/v1/things', { name: 'a' }, headers);
      expect(seen.made).toBe(1);
      expect([second.status, second.body.data]).toEqual([201, first.body.data]);
      expect([second.headers.get('location'), second.headers.get('etag')]).toEqual(['/api/v1/things/a', '"1"']);
      expect([first.headers.get('idempotency-replayed'), second.headers.get('idempotency-replayed')]).toEqual([
        null,
        'true',
      ]);
      expect(second.body.meta.requestId).toBe(second.headers.get('x-request-id'));
    });

    it('refuses the key for another body or route', async () => {
      await post('/api/v1/things', { name: 'a' }, { 'idempotency-key': 'k2' });
      const other = await post('/api/v1/things', { name: 'b' }, { 'idempotency-key': 'k2' });
      expect(other.body.error).toMatchObject({ code: 'idempotency_key_reused', category: 'conflict', status: 422 });
      expect((await post('/api/v1/things/batch', { name: 'a' }, { 'idempotency-key': 'k2' })).status).toBe(422);
    });

    it('answers 409 while the first still runs', async () => {
      closeGate();
      const first = post('/api/v1/things/wait', {}, { 'idempotency-key': 'k3' });
      let second = await post('/api/v1/things/wait', {}, { 'idempotency-key': 'k3' });
      expect(second.body.error).toMatchObject({ code: 'idempotency_in_progress', status: 409, retryable: true });
      gate.open();
      await first;
      second = await post('/api/v1/things/wait', {}, { 'idempotency-key': 'k3' });
      expect([second.status, second.body.data]).toEqual([201, { made: 1 }]);
    });

    it('repeats a refusal, frees the key after a failure of ours or invalid input', async () => {
      const keyed = (name: string, key: string) => post('/api/v1/things', { name }, { 'idempotency-key': key });
      expect((await keyed('taken', 'k4')).status).toBe(409);
      const repeated = await keyed('taken', 'k4');
      expect([repeated.status, repeated.body.error.code, repeated.headers.get('idempotency-replayed')]).toEqual([
        409,
        'conflict',
        'true',
      ]);
      expect(seen.made).toBe(1);
      expect((await keyed('down', 'k5')).status).toBe(502);
      expect((await keyed('down', 'k5')).status).toBe(502);
      expect(seen.made).toBe(3);
      expect((await keyed('', 'k6')).status).toBe(400);
      expect((await keyed('good', 'k6')).status).toBe(201);
    });

    it('leads to what a stream made, since a stream cannot be repeated', async () => {
      const headers = { 'idempotency-key': 'k7' };
      expect((await post('/api/v1/things/streamed', {}, headers)).text).toBe('data: x\n\n');
      const second = await call('/api/v1/things/streamed', {
        method: 'POST',
        redirect: 'manual',
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{}',
      });
      expect([second.status, second.headers.get('location'), second.headers.get('idempotency-replayed')]).toEqual([
        303,
        '/api/v1/things/a',
        'true',
      ]);
    });

    it('refuses a key that is none', async () => {
      const { status, body } = await post('/api/v1/things', { name: 'a' }, { 'idempotency-key': 'x'.repeat(256) });
      expect([status, body.error.details[0].path]).toEqual([400, 'header.idempotency-key']);
    });
  });
});
