import type { IncomingMessage } from 'node:http';
import { type DynamicModule, type LoggerService, RequestMethod, type Type, VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@guildhall/sdk';
import type { Settings } from '../config/settings.js';
import { AppErrorFilter } from '../errors/app-error.filter.js';
import { FailureSender } from '../errors/failure-sender.js';
import { toAppError } from '../errors/to-app-error.js';
import { Admission } from './admission/admission.js';
import { installLargeLists } from './admission/large-lists.js';
import { limitConnections } from './admission/limit-connections.js';
import { AnsweringAdapter } from './answering-adapter.js';
import { installBodyGuard } from './body-guard.hook.js';
import { installCompression } from './compression.js';
import { installCors } from './cors.hook.js';
import { Deprecations } from './deprecations.js';
import { EventsGuard } from './events.guard.js';
import { installFrontPage } from './front-page.js';
import { HostGuard } from './host-guard.js';
import { IdempotencyGuard } from './idempotency/idempotency.guard.js';
import { parseJsonBody } from './json-body.js';
import { installDocs, openDocs } from './openapi/install-docs.js';
import { applyBodyLimit } from './large-bodies.js';
import { answerClientError } from './raw-client-error.js';
import { installRequestContext } from './request-context.hook.js';
import { requestIdOf } from './request-id.js';
import { RouteIndex } from './route-index.js';
import { SECURITY_HEADERS, installSecurityHeaders } from './security-headers.js';
import { installTallyHeaders } from './tally-headers.hook.js';
import { MAX_BODY_BYTES, MULTIPART_LIMITS } from './upload/upload-route.js';
import { endUnread, installUnreadBodies } from './unread-body.js';
import { UnreadInputGuard } from './unread-input.guard.js';
import { createValidationPipe } from './validation.pipe.js';

export interface HttpAppOptions {
  /** The root logger: its lines carry the fields of `currentLogFields()`. */
  readonly logger: Logger;
  /** Nest's own messages go here; `false` silences them. */
  readonly nestLogger?: LoggerService | false;
}

const HEADERS_TIMEOUT_MS = 15_000;
/** Node's own limit for a whole request to arrive; ours answers earlier, this one closes what is left. */
const ARRIVAL_TIMEOUT_MS = 360_000;
/** How often these two are looked after: they are exceeded by no more. */
const CHECK_CONNECTIONS_MS = 5_000;
/** Longer than what common balancers keep, so that they and not we close an idle connection. */
const KEEP_ALIVE_MS = 72_000;
const MAX_PARAM_LENGTH = 512;

/** Surfaces that stand outside `/api/v1` (api.md §1). */
const OUTSIDE_API = ['health', 'metrics', 'openai', 'mcp', 'graphql'];

/**
 * The HTTP application of `module`, configured but neither initialised nor listening: `await app.init()` or
 * `await app.listen(...)` is the caller's. The same for `apps/api`, the worker's probes and in-process tests.
 * `module` contains `HttpModule`.
 */
export async function createHttpApp(
  module: Type | DynamicModule,
  settings: Settings,
  { logger, nestLogger }: HttpAppOptions,
): Promise<NestFastifyApplication> {
  const routes = new RouteIndex();
  const failures = new FailureSender(logger, routes);
  const adapter = createAdapter(settings, failures);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: nestLogger,
    abortOnError: false,
    // Ours alone reads bodies: Nest's would also take forms, Fastify's plain text.
    bodyParser: false,
  });
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  fastify.addHook('onRoute', ({ url, method }) => routes.add(url, method));
  fastify.addHook('onRoute', openDocs);
  fastify.addHook('onRoute', applyBodyLimit);

  // First: an answer that a later hook gives carries them, too.
  installSecurityHeaders(fastify);
  installCors(fastify, settings.CORS_ORIGINS);
  const [admission, deprecations] = [app.get(Admission), app.get(Deprecations)];
  limitConnections(fastify.server, admission.connections);
  installRequestContext(fastify, { settings, logger, admission, failures, deprecations });
  refuseOtherHosts(fastify, new HostGuard(settings));
  installLargeLists(fastify, adapter.lists);
  installTallyHeaders(fastify, settings.NODE_ENV !== 'production');
  installBodyGuard(fastify);
  installUnreadBodies(fastify);
  await installCompression(fastify);
  readJsonBodies(fastify);

  const outside = OUTSIDE_API.flatMap((path) => [path, `${path}/*path`]);
  app.setGlobalPrefix('api', { exclude: outside.map((path) => ({ path, method: RequestMethod.ALL })) });
  app.enableVersioning({ type: VersioningType.URI });
  app.useGlobalFilters(new AppErrorFilter(failures, app.getHttpAdapter()));
  app.useGlobalPipes(createValidationPipe());
  // Behind the guards of access: who may not act claims no key and is repeated nothing.
  app.useGlobalGuards(new EventsGuard(), new UnreadInputGuard(), app.get(IdempotencyGuard));
  installFrontPage(fastify, settings);
  if (settings.DOCS_ENABLED) installDocs(app, settings);
  return app;
}

function createAdapter(settings: Settings, failures: FailureSender): AnsweringAdapter {
  return new AnsweringAdapter({
    bodyLimit: MAX_BODY_BYTES,
    genReqId: ({ headers }: IncomingMessage) => requestIdOf(headers),
    trustProxy: settings.TRUST_PROXY.length > 0 ? [...settings.TRUST_PROXY] : false,
    // Silence on a socket for this long ends it: a stream whose reader is gone, a body that stopped coming.
    connectionTimeout: settings.STREAM_IDLE_TIMEOUT * 1000,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: ARRIVAL_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: CHECK_CONNECTIONS_MS },
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    multipart: { limits: MULTIPART_LIMITS },
    // The router's faults come before any hook.
    frameworkErrors: (error: Error, request: unknown, reply: unknown) => {
      const { id, raw } = request as FastifyRequest;
      (reply as FastifyReply).headers({ ...SECURITY_HEADERS, 'cache-control': 'no-store' });
      (reply as FastifyReply).header('x-request-id', id).raw.once('close', () => endUnread(raw));
      failures.send(toAppError(error), request as FastifyRequest, reply as FastifyReply);
    },
    clientErrorHandler: answerClientError,
  });
}

function refuseOtherHosts(fastify: FastifyInstance, guard: HostGuard): void {
  fastify.addHook('onRequest', ({ raw }, _reply, done) => done(guard.refusalOf(raw)));
}

function readJsonBodies(fastify: FastifyInstance): void {
  // Fastify's own two; the one for forms stays.
  fastify.removeContentTypeParser(['application/json', 'text/plain']);
  const options = { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES } as const;
  fastify.addContentTypeParser<Buffer>('application/json', options, (_request, body, done) => {
    try {
      done(null, parseJsonBody(body));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
}
