import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { Body, Controller, Get, HttpException, Module, Param, Post } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { AppError, type RequestContext } from '@guildhall/sdk';
import { Ctx } from '../http/context.decorator.js';
import { currentLogFields } from '../telemetry/log-context.js';
import { PUBLIC_ROUTE, Public, RequireScopes, SystemAdministratorOnly } from './access.decorators.js';
import { AccessGuard } from './access.guard.js';
import { type Authentication, installAuthentication } from './authentication.hook.js';
import { OpenRequests } from './open-requests.js';
import { type Principal, SYSTEM_ADMINISTRATOR } from './principal.js';

@Controller('agents')
class AgentsController {
  @Get()
  list(@Ctx() ctx: RequestContext) {
    return { tenant: ctx.tenantId, actor: ctx.actor.id, logged: currentLogFields() };
  }

  @Get(':id')
  @RequireScopes('agents:read')
  get(@Param('id') id: string) {
    return { id };
  }

  @Post()
  @RequireScopes('agents:write', 'runs:write')
  create(@Body() body: unknown) {
    return { body };
  }
}

@Controller('open')
@Public()
class OpenController {
  @Get()
  get(@Ctx() ctx: RequestContext) {
    return { actor: ctx.actor.id };
  }
}

@Controller('system')
class SystemController {
  @Get()
  @SystemAdministratorOnly()
  get() {
    return {};
  }
}

@RequireScopes('admin')
class Inherited {
  @Get()
  get() {
    return {};
  }
}

@Controller('strict')
@RequireScopes('admin')
class StrictController extends Inherited {}

@Controller('lax')
@RequireScopes('agents:read')
class LaxController extends Inherited {}

@Module({
  controllers: [AgentsController, OpenController, SystemController, StrictController, LaxController],
  providers: [{ provide: APP_GUARD, useClass: AccessGuard }],
})
class Root {}

const principal = (id: string, ...scopes: string[]): Principal => ({
  tenantId: 'ten_a',
  actor: { kind: 'api-key', id, scopes },
});

const KEYS: Record<string, Principal> = {
  reader: principal('reader', 'agents:read'),
  writer: principal('writer', 'agents:write'),
  all: principal('all', '*'),
  system: SYSTEM_ADMINISTRATOR,
};

/** Knows keys at once, `slow-` ones after a while, and `broken` never. */
const authenticator = {
  asked: [] as string[],
  authenticate(token: string) {
    this.asked.push(token);
    if (token === 'broken') return Promise.reject(new Error('no database'));
    return token.startsWith('slow-') ? Promise.resolve(KEYS[token.slice(5)]) : KEYS[token];
  },
};

const wrongKeys = { judge: () => ({ delayMs: 0, headers: {} }) };
const authentication = { authenticator, wrongKeys, openRequests: new OpenRequests() } as unknown as Authentication;

function statusOf(error: unknown): number {
  const statuses: Record<string, number> = { authentication: 401, authorization: 403 };
  return (AppError.is(error) ? statuses[error.category] : undefined) ?? 500;
}

describe('access', () => {
  let app: NestFastifyApplication;
  let fastify: FastifyInstance;

  beforeAll(async () => {
    app = await NestFactory.create<NestFastifyApplication>(Root, new FastifyAdapter(), { logger: false });
    fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
    fastify.decorateRequest('guildhall');
    fastify.addHook('onRequest', (request, _reply, done) => {
      const ctx = { tenantId: '', actor: { kind: 'api-key', id: 'anonymous', scopes: [] }, requestId: 'req_1' };
      Object.assign(request, { guildhall: ctx });
      done();
    });
    installAuthentication(fastify, authentication);
    app.useGlobalFilters({
      catch: (error: unknown, host) => {
        const reply = host.switchToHttp().getResponse<{ status(code: number): { send(body: object): void } }>();
        if (error instanceof HttpException) reply.status(error.getStatus()).send({});
        else reply.status(statusOf(error)).send({ code: (error as AppError).code });
      },
    });
    fastify.get('/raw', () => ({}));
    fastify.get('/raw-open', { config: { [PUBLIC_ROUTE]: true } }, () => ({}));
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());
  beforeEach(() => (authenticator.asked = []));

  const call = async (method: string, url: string, headers: Record<string, string> = {}, payload?: string) => {
    const response = await fastify.inject({ method: method as 'GET', url, headers, ...(payload ? { payload } : {}) });
    return { status: response.statusCode, body: response.payload, headers: response.headers };
  };
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

  it('lets a key in and says who it is, in the context and in the log', async () => {
    for (const key of ['reader', 'slow-reader']) {
      const { status, body } = await call('GET', '/agents', bearer(key));
      expect(status).toBe(200);
      expect(JSON.parse(body)).toEqual({
        tenant: 'ten_a',
        actor: 'reader',
        logged: { requestId: 'req_1', tenantId: 'ten_a', actorId: 'reader' },
      });
    }
  });

  it.each<[string, Record<string, string>]>([
    ['no header', {}],
    ['an unknown key', bearer('nobody')],
    ['an unknown key that had to be looked up', bearer('slow-nobody')],
    ['an SQL phrase', bearer("' OR 1=1--")],
    ['another scheme', { authorization: 'Basic cmVhZGVyOg==' }],
    ['a bare key', { authorization: 'reader' }],
    ['an empty key', { authorization: 'Bearer ' }],
    ['two keys in one header', { authorization: 'Bearer reader, Bearer reader' }],
    ['a key of 4000 characters', bearer('x'.repeat(4000))],
    ['a key that is not ASCII', bearer('schlüssel')],
    ['the key elsewhere', { 'x-api-key': 'reader', cookie: 'key=reader', 'proxy-authorization': 'Bearer reader' }],
    ['headers that claim to be inside', { 'x-forwarded-for': '127.0.0.1', 'x-internal': '1', 'x-tenant-id': 'ten_a' }],
  ])('refuses %s, always in the same words', async (_, headers) => {
    const { status, body, headers: sent } = await call('GET', '/agents', headers);
    expect([status, body]).toEqual([401, '{"code":"unauthenticated"}']);
    expect(sent['www-authenticate']).toBe('Bearer');
  });

  it('refuses a key in the query', async () => {
    for (const name of ['key', 'api_key', 'access_token', 'authorization']) {
      expect((await call('GET', `/agents?${name}=reader`)).status).toBe(401);
    }
  });

  it('takes the scheme in any case', async () => {
    expect((await call('GET', '/agents', { authorization: 'bearer  reader' })).status).toBe(200);
  });

  /** The bytes as they are: clients tidy paths up, attackers do not. */
  const raw = async (method: string, target: string, ...headers: string[]) => {
    const { port } = fastify.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write(
      [`${method} ${target} HTTP/1.1`, 'host: localhost', 'connection: close', ...headers, '', ''].join('\r\n'),
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return Number(/^HTTP\/1\.1 (\d+)/.exec(answer.toString())?.[1]);
  };

  it('refuses two Authorization headers, and does not ask for either', async () => {
    const two = ['authorization: Bearer reader', 'Authorization: Bearer all'];
    expect(await raw('GET', '/agents', ...two)).toBe(401);
    expect(authenticator.asked).toEqual([]);
  });

  it.each([
    '/agents',
    '/Agents',
    '/AGENTS',
    '//agents',
    '/%61gents',
    '/agents;x',
    '/agents/',
    '/agents/..;/open',
    '/open/../agents',
    '/open/..%2fagents',
    '/./agents',
    '/agents/%2e%2e/open',
    '/agents%2f',
    '/agents?x=/open',
    '/agents#/open',
    '/agents/a%2fb',
    '/agents%00',
    'http://x/agents',
    'http://x/open/../agents',
  ])('never serves the path %s to a stranger', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'BREW']) {
      const status = await raw(
        method,
        path,
        'x-http-method-override: GET',
        'x-original-url: /open',
        'x-rewrite-url: /open',
      );
      expect([400, 401, 404]).toContain(status);
    }
  });

  it('guards HEAD as it guards GET', async () => {
    expect((await call('HEAD', '/agents')).status).toBe(401);
    expect((await call('HEAD', '/agents', bearer('reader'))).status).toBe(200);
  });

  it('authenticates before it reads a body, whatever it says it is', async () => {
    for (const type of [
      'application/json',
      ' application/json',
      'text/plain',
      'APPLICATION/JSON; charset=utf-7',
      'x/y',
    ]) {
      expect((await call('POST', '/agents', { 'content-type': type }, '{broken')).status).toBe(401);
    }
  });

  it('asks for every scope that a route requires', async () => {
    expect((await call('GET', '/agents/1', bearer('reader'))).status).toBe(200);
    expect((await call('GET', '/agents/1', bearer('writer'))).status).toBe(200);
    const json = { 'content-type': 'application/json' };
    expect((await call('POST', '/agents', { ...bearer('writer'), ...json }, '{}')).status).toBe(403);
    expect((await call('POST', '/agents', { ...bearer('all'), ...json }, '{}')).status).toBe(201);
  });

  it('keeps what concerns every tenant to the system administrator, whatever scopes a key has', async () => {
    expect((await call('GET', '/system')).status).toBe(401);
    expect((await call('GET', '/system', bearer('all'))).status).toBe(403);
    expect((await call('GET', '/system', bearer('system'))).status).toBe(200);
  });

  it('keeps apart two controllers that inherit one handler', async () => {
    expect((await call('GET', '/lax', bearer('reader'))).status).toBe(200);
    expect((await call('GET', '/strict', bearer('reader'))).status).toBe(403);
    expect((await call('GET', '/lax', bearer('reader'))).status).toBe(200);
  });

  it('opens what is public, to a wrong key too, and still knows a right one', async () => {
    const actorOf = async (headers = {}) => JSON.parse((await call('GET', '/open', headers)).body) as unknown;
    expect(await actorOf()).toEqual({ actor: 'anonymous' });
    expect(await actorOf(bearer('nobody'))).toEqual({ actor: 'anonymous' });
    expect(await actorOf(bearer('reader'))).toEqual({ actor: 'reader' });
  });

  it('opens public routes without a database, and no others', async () => {
    expect((await call('GET', '/open', bearer('broken'))).status).toBe(200);
    expect((await call('GET', '/agents', bearer('broken'))).status).toBe(500);
  });

  it("guards routes that are not Nest's, unless their config opens them", async () => {
    expect((await call('GET', '/raw')).status).toBe(401);
    expect((await call('GET', '/raw', bearer('reader'))).status).toBe(200);
    expect((await call('GET', '/raw-open')).status).toBe(200);
  });

  it('refuses in the guard too, should the hook ever be missing', async () => {
    const bare = await NestFactory.create<NestFastifyApplication>(Root, new FastifyAdapter(), { logger: false });
    bare.useGlobalFilters({
      catch: (error: unknown, host) => {
        const code = AppError.is(error) ? error.category : 'other';
        host
          .switchToHttp()
          .getResponse<{ status(code: number): { send(body: string): void } }>()
          .status(401)
          .send(code);
      },
    });
    await bare.init();
    const answer = await bare.inject({ method: 'GET', url: '/agents', headers: bearer('all') });
    expect([answer.statusCode, answer.payload]).toEqual([401, 'authentication']);
    await bare.close();
  });
});
