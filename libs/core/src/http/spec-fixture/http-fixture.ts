import type { Server } from 'node:http';
import { connect } from 'node:net';
import { type DynamicModule, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from '@guildhall/sdk';
import { settingsFrom } from '../../config/load-settings.js';
import type { Settings } from '../../config/settings.js';
import { SettingsModule } from '../../config/settings.module.js';
import { Database } from '../../database/database.js';
import { MemoryGuard } from '../../lifecycle/memory-guard.js';
import { MasterKey } from '../../security/master-key.js';
import { Vault } from '../../security/vault.js';
import { LOGGER } from '../../telemetry/logger.js';
import { Admission } from '../admission/admission.js';
import { createHttpApp } from '../bootstrap-http.js';
import type { RequestWithContext } from '../context.decorator.js';
import { Deprecations } from '../deprecations.js';
import { IdempotencyGuard } from '../idempotency/idempotency.guard.js';
import { IdempotencyRepository } from '../idempotency/idempotency.repository.js';
import { IdempotencyService } from '../idempotency/idempotency.service.js';
import { Uploads } from '../upload/uploads.js';
import { MemoryKeys } from './memory-keys.js';
import { ProbeController, ThingController, gate, seen } from './thing.controller.js';

export const lines: { level: string; fields: Record<string, unknown>; message?: string }[] = [];
const note = (level: string) => (fields: object, message?: string) =>
  void lines.push({ level, fields: fields as never, message });
export const logger: Logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };

/** Whether the process is short of memory. */
export const memory = { isShort: false };

const SETTINGS: Partial<Settings> = {
  NODE_ENV: 'test',
  MAX_CONCURRENT_REQUESTS: 10,
  MAX_OPEN_ANSWERS: 20,
  MAX_STREAMS_PER_KEY: 10,
  REQUEST_TIMEOUT: 1,
  STREAM_IDLE_TIMEOUT: 3,
  CORS_ORIGINS: ['https://app.example'],
};

@Module({
  controllers: [ThingController, ProbeController],
  providers: [
    Admission,
    { provide: MemoryGuard, useValue: memory },
    Deprecations,
    IdempotencyGuard,
    IdempotencyService,
    Uploads,
    { provide: IdempotencyRepository, useClass: MemoryKeys },
    { provide: Database, useValue: { manager: {} } },
    { provide: Vault, useValue: new Vault(new MasterKey(Buffer.alloc(32, 7))) },
    { provide: LOGGER, useValue: logger },
  ],
})
class TestModule {}

export function testModule(settings: Settings): DynamicModule {
  const configuration = SettingsModule.forRoot({ settings, environment: {} as never, warnings: [] });
  return { module: TestModule, imports: [configuration] };
}

/** A server with a few routes, started for the specs of one block; the ways to call it. */
export function useHttpFixture(changed: Partial<Settings> = {}) {
  let app: NestFastifyApplication;
  let base: string;

  beforeAll(async () => {
    const settings = settingsFrom({ ...SETTINGS, ...changed });
    app = await createHttpApp(testModule(settings), settings, { logger, nestLogger: false });
    app.get(Deprecations).register('/api/v0', {
      since: new Date('2025-01-01T00:00:00Z'),
      sunset: new Date('2026-01-01T00:00:00Z'),
      successor: 'v1',
    });
    // Authentication is another's business; keys need a tenant, and none is asked for where the header is empty.
    const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
    fastify.addHook('onRequest', (request, _reply, done) => {
      const carrier = request as unknown as RequestWithContext;
      const tenantId = String(request.headers['x-tenant'] ?? 'default');
      const actor = { ...carrier.guildhall.actor, id: `key of ${tenantId}` };
      carrier.guildhall = { ...carrier.guildhall, tenantId, actor };
      done();
    });
    await app.listen(0, '127.0.0.1');
    base = await app.getUrl();
  });
  afterAll(async () => {
    const closed = app.close();
    // A client may hold a connection that it never used.
    (app.getHttpServer() as Server).closeAllConnections();
    await closed;
  });
  beforeEach(() => {
    lines.length = 0;
    seen.made = 0;
    seen.aborted = undefined;
    seen.entered = () => {};
    seen.left = () => {};
    gate.promise = Promise.resolve();
  });

  const call = async (path: string, init: RequestInit = {}) => {
    // oxlint-disable-next-line no-restricted-globals -- a client of the server, not code of it
    const response = await fetch(base + path, init);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      // oxlint-disable-next-line typescript/no-explicit-any -- specs look into answers of every shape
      body: (text.startsWith('{') ? JSON.parse(text) : undefined) as any,
    };
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  /** Bytes as they are; `later` goes out when the server has seen the first, `hangUp` ends the connection. */
  const raw = (text: string, later?: string, hangUp?: Promise<void>) =>
    new Promise<string>((resolve, reject) => {
      const server = app.getHttpServer() as Server;
      if (later !== undefined) server.once('request', () => setImmediate(() => socket.write(later)));
      const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.write(text));
      void hangUp?.then(() => socket.destroy());
      let answer = '';
      socket.on('data', (chunk) => {
        answer += String(chunk);
        if (answer.includes('}')) socket.destroy();
      });
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });

  /** All that is answered until the server closes the connection; `later` goes out with the first piece answered. */
  const untilClosed = (text: string, later?: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.write(text));
      if (later !== undefined) socket.once('data', () => socket.write(later));
      let answer = '';
      socket.on('data', (chunk) => (answer += String(chunk)));
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });
  /** So many more requests have come, as far as their heads. */
  const arrived = (count: number) =>
    new Promise<void>((resolve) => {
      const server = app.getHttpServer() as Server;
      const note = () => {
        if (--count > 0) return;
        server.off('request', note);
        setImmediate(resolve);
      };
      server.on('request', note);
    });

  return { call, post, raw, untilClosed, arrived };
}
