import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  type Actor,
  CancelledError,
  type Logger,
  type RequestContext,
  TimeoutError,
  UnavailableError,
} from '@guildhall/sdk';
import type { Settings } from '../config/settings.js';
import { Errors } from '../errors/errors.js';
import type { FailureSender } from '../errors/failure-sender.js';
import { type LogFields, TALLY, currentLogFields, withLogFields } from '../telemetry/log-context.js';
import type { RequestWithContext } from './context.decorator.js';
import type { Deprecations } from './deprecations.js';
import { requestTimeoutMs } from './request-timeout.js';
import { traceparentOf } from './request-id.js';
import { type InFlight, RequestScope, scopeOf, setScope } from './request-scope.js';

/** Until authentication puts the caller in its place. Holds no scope and belongs to no tenant. */
const ANONYMOUS: Actor = { kind: 'api-key', id: 'anonymous', scopes: [] };

const NO_TIME_OR_PLACE_LIMIT = /^\/(health(\/|$)|metrics$)/;

export interface RequestContextOptions {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly inFlight: InFlight;
  readonly failures: FailureSender;
  readonly deprecations: Deprecations;
}

/** Gives every request its id, context, signal, log fields, place and time, before anything else looks at it. */
export function installRequestContext(fastify: FastifyInstance, options: RequestContextOptions): void {
  fastify.decorateRequest('guildhall');
  fastify.addHook('onRequest', (request, reply, done) => {
    const scope = new RequestScope(options.inFlight, options.settings.STREAM_IDLE_TIMEOUT);
    setScope(request, scope);
    const ctx = anonymousContext(request, scope, options.logger);
    (request as unknown as RequestWithContext).guildhall = ctx;
    reply.header('x-request-id', ctx.requestId);
    reply.header('cache-control', 'no-store');
    options.deprecations.announce(request, reply);
    withLogFields({ requestId: ctx.requestId, [TALLY]: scope.tally }, () =>
      admit(request, reply, scope, options, done),
    );
  });
  // A body arrives in events of the connection, outside the request's async context.
  fastify.addHook('preValidation', (request, _reply, done) => {
    const { requestId, tenantId, actor } = (request as unknown as RequestWithContext).guildhall;
    const known = tenantId === '' ? { requestId } : { requestId, tenantId, actorId: actor.id };
    const fields: LogFields = { ...known, [TALLY]: scopeOf(request)?.tally };
    const current = currentLogFields();
    if (current?.requestId === requestId && current.tenantId === fields.tenantId) return done();
    withLogFields(fields, done);
  });
}

function anonymousContext(request: FastifyRequest, scope: RequestScope, logger: Logger): RequestContext {
  const { id: requestId, headers } = request;
  return {
    tenantId: '',
    actor: ANONYMOUS,
    requestId,
    traceparent: traceparentOf(headers),
    idempotencyKey: headers['idempotency-key'] as string | undefined,
    signal: scope.signal,
    logger,
  };
}

function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  scope: RequestScope,
  { settings, failures }: RequestContextOptions,
  done: (error?: Error) => void,
): void {
  if (request.raw.url?.includes('%00')) {
    return done(
      Errors.badRequest('The URL holds a NUL character', [
        { path: 'url', code: 'nul_character', message: 'Remove %00' },
      ]),
    );
  }
  if (NO_TIME_OR_PLACE_LIMIT.test(request.routeOptions.url ?? '')) return done();
  if (!scope.tryEnter()) {
    const message = `The server works on ${settings.MAX_CONCURRENT_REQUESTS} requests already; repeat this one soon`;
    return done(new UnavailableError('concurrency_limited', message, { retryAfterMs: 1000 }));
  }
  endWithResponse(request, reply, scope);
  scope.startTimer(requestTimeoutMs(request, settings.REQUEST_TIMEOUT), (seconds) => {
    if (reply.sent || reply.raw.headersSent) return;
    const late = new TimeoutError('request_timeout', `The request took longer than ${seconds} s`);
    scope.lateStatus = reply.statusCode;
    scope.abort(late);
    failures.send(late, request, reply);
  });
  done();
}

function endWithResponse({ raw }: FastifyRequest, reply: FastifyReply, scope: RequestScope): void {
  const end = () => {
    scope.end();
    if (!reply.raw.writableFinished)
      scope.abort(new CancelledError('The client closed the connection', 'client_closed'));
  };
  reply.raw.once('close', end);
  // The response of a pipelined request waits unattached, and never closes if the connection does before its turn.
  if (reply.raw.socket === null) raw.socket.once('close', end);
}
