import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type Logger, type RequestContext } from '@guildhall/sdk';
import type { RouteIndex } from '../http/route-index.js';
import { INTERNAL_MESSAGE } from './errors.js';
import { type Failure, failureOf } from './failure-body.js';
import { writtenFailure } from './failure-form.js';
import { firstSight, functionOf, logFault } from './logged-errors.js';
import { toAppError } from './to-app-error.js';

const RETRY_SOON_MS = 1000;
/** No fault of anybody's, and there may be thousands a second: a line of the log each, without a stack. */
const FULL = 'concurrency_limited';
const COMES_BACK: ReadonlySet<string> = new Set(['unavailable', 'rate_limit']);

/** Answers a failed request: from the filter, from hooks that run before Nest, and from Fastify itself. */
export class FailureSender {
  constructor(
    private readonly logger: Logger,
    private readonly routes: RouteIndex,
  ) {}

  send(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const ctx = (request as { guildhall?: RequestContext }).guildhall;
    const path = pathOf(request);
    const error =
      request.is404 && !AppError.is(thrown)
        ? this.routes.explain(request.method, path)
        : toAppError(thrown, ctx?.signal.reason);
    const failure = failureOf(error);
    this.log(thrown, failure, request, error);
    if (reply.sent || reply.raw.headersSent) return abandon(reply);

    if (failure.code === 'method_not_allowed') void reply.header('allow', this.routes.allowed(path).join(', '));
    const retryAfterMs = error.retryAfterMs ?? (COMES_BACK.has(error.category) ? RETRY_SOON_MS : undefined);
    if (retryAfterMs !== undefined)
      void reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
    const facts = { id: request.id, path, traceparent: ctx?.traceparent };
    const { contentType, body } = writtenFailure(failure, facts, request.headers.accept);
    void reply.code(failure.status).header('content-type', contentType).send(JSON.stringify(body));
  }

  private log(thrown: unknown, failure: Failure, request: FastifyRequest, error: AppError): void {
    // An abort is thrown as a new error each time: its reason is what was met before.
    if (!firstSight(thrown) || (error !== thrown && !firstSight(error))) return;
    const { status, code } = failure;
    const route = `${request.method} ${request.routeOptions?.url ?? '(no route)'}`;
    const fields = { requestId: request.id, status, code, route };
    // Our own wrapper of an unknown error says nothing: the original does.
    const origin = error.message === INTERNAL_MESSAGE ? (error.cause ?? thrown) : thrown;
    if (status >= 500 && code !== FULL) logFault(this.logger, origin, functionOf(origin) ?? route, fields);
    else this.logger.info(fields, `Refused with ${status}: ${failure.message}`);
  }
}

/** Headers are gone already: all that is left is to let the client see that the answer is not whole. */
function abandon(reply: FastifyReply): void {
  if (!reply.raw.writableEnded && reply.raw.headersSent) reply.raw.destroy();
}

function pathOf(request: FastifyRequest): string {
  return request.raw.url?.split('?', 1)[0] ?? '/';
}
