import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Actor, CancelledError, type Logger, type RequestContext, TimeoutError } from '@guildhall/sdk';
import type { Settings } from '../config/settings.js';
import { Errors } from '../errors/errors.js';
import type { FailureSender } from '../errors/failure-sender.js';
import { type LogFields, TALLY, TRACEPARENT, currentLogFields, withLogFields } from '../telemetry/log-context.js';
import type { Admission } from './admission/admission.js';
import type { RequestWithContext } from './context.decorator.js';
import type { Deprecations } from './deprecations.js';
import { requestTimeoutMs } from './request-timeout.js';
import { traceparentOf } from './request-id.js';
import { RequestScope, scopeOf, scopedContext, setScope } from './request-scope.js';
import { endUnread } from './unread-body.js';

/** Until authentication puts the caller in its place. Holds no scope and belongs to no tenant. */
const ANONYMOUS: Actor = { kind: 'api-key', id: 'anonymous', scopes: [] };

/** Routes that are answered whatever else is going on. */
const UNLIMITED = /^\/(health(\/.*)?|metrics|docs(\/.*)?|openapi\.json)$/;

export interface RequestContextOptions {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly admission: Admission;
  readonly failures: FailureSender;
  readonly deprecations: Deprecations;
}

/** Gives every request its id, context, signal, log fields, place and time, before anything else looks at it. */
export function installRequestContext(fastify: FastifyInstance, options: RequestContextOptions): void {
  fastify.decorateRequest('guildhall');
  fastify.addHook('onRequest', (request, reply, done) => {
    const scope = new RequestScope(options.admission, {
      unlimited: isUnlimited(request),
      streamIdleSeconds: options.settings.STREAM_IDLE_TIMEOUT,
    });
    setScope(request, scope);
    const ctx = anonymousContext(request, scope, options.logger);
    (request as unknown as RequestWithContext).guildhall = ctx;
    reply.header('x-request-id', ctx.requestId);
    reply.header('cache-control', 'no-store');
    options.deprecations.announce(request, reply);
    const fields = { requestId: ctx.requestId, [TALLY]: scope.tally, [TRACEPARENT]: ctx.traceparent };
    withLogFields(fields, () => admit(request, reply, scope, options, done));
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    const scope = scopeOf(request);
    const ctx = (request as unknown as RequestWithContext).guildhall;
    const refusal = scope?.begin(request, ctx);
    if (refusal) return done(refusal);
    // A body arrives in events of the connection, outside the request's async context.
    const { requestId, tenantId, actor, traceparent } = ctx;
    const known = tenantId === '' ? { requestId } : { requestId, tenantId, actorId: actor.id };
    const fields: LogFields = { ...known, [TALLY]: scope?.tally, [TRACEPARENT]: traceparent };
    const current = currentLogFields();
    if (current?.requestId === requestId && current.tenantId === fields.tenantId) return done();
    withLogFields(fields, done);
  });
}

/** A route that is not there is answered at once. */
const isUnlimited = ({ is404, routeOptions }: FastifyRequest): boolean =>
  is404 || UNLIMITED.test(routeOptions.url ?? '');

function anonymousContext(request: FastifyRequest, scope: RequestScope, logger: Logger): RequestContext {
  const { id: requestId, headers } = request;
  const ctx: RequestContext = {
    tenantId: '',
    actor: ANONYMOUS,
    requestId,
    traceparent: traceparentOf(headers),
    idempotencyKey: headers['idempotency-key'] as string | undefined,
    signal: scope.signal,
    logger,
  };
  return scopedContext(ctx, scope);
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
  endWithResponse(request, reply, scope);
  if (scope.unlimited) return done();
  const { refusal } = scope;
  if (refusal) return done(refusal);
  scope.startTimer(requestTimeoutMs(request, settings.REQUEST_TIMEOUT), (seconds) => {
    if (reply.sent || reply.raw.headersSent) return;
    const late = new TimeoutError('request_timeout', `The request took longer than ${seconds} s`);
    scope.lateStatus = reply.statusCode;
    scope.abort(late);
    // Whatever of the body still comes is not worth a connection.
    if (!request.raw.complete) reply.header('connection', 'close');
    failures.send(late, request, reply);
  });
  done();
}

function endWithResponse({ raw }: FastifyRequest, reply: FastifyReply, scope: RequestScope): void {
  const end = () => {
    scope.end();
    if (!reply.raw.writableFinished)
      scope.abort(new CancelledError('The client closed the connection', 'client_closed'));
    else if (!raw.complete) endUnread(raw);
  };
  reply.raw.once('close', end);
  // The response of a pipelined request waits unattached, and never closes if the connection does before its turn.
  if (reply.raw.socket === null) raw.socket.once('close', end);
}
