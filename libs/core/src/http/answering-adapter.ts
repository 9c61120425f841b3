import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestWithContext } from './context.decorator.js';
import { enveloped } from './envelope.js';
import { outcomeOf } from './idempotency/outcome.js';
import { type RequestScope, scopeOf } from './request-scope.js';
import { discard, isStream } from './stream-body.js';

/**
 * Where every handler's result leaves Nest: put into the envelope, and kept first where its request may be repeated. Not
 * an interceptor: one alone would wrap each request in Observables, at a sixth of what a gateway call costs.
 */
export class AnsweringAdapter extends FastifyAdapter {
  /** Nest awaits what it returns: where an outcome is kept first, a promise. */
  override reply(response: FastifyReply, body: unknown, statusCode?: number): FastifyReply {
    const scope = scopeOf(response.request);
    const streams = isStream(body);
    if (streams) openStream(body, response.request, scope);
    const settle = scope?.takeSettlement();
    if (settle) {
      const kept = settle(outcomeOf(body, response, scope?.lateStatus));
      return kept.then(() => this.reply(response, body, statusCode)) as never;
    }
    return this.send(response, streams ? body : enveloped(body, response.request, response), statusCode);
  }

  private send(response: FastifyReply, body: unknown, statusCode?: number): FastifyReply {
    return super.reply(response, body, statusCode) as FastifyReply;
  }
}

/** Throws where too many are open, and then nobody reads this one. */
function openStream(body: unknown, request: FastifyRequest, scope: RequestScope | undefined): void {
  try {
    scope?.becomeStream((request as FastifyRequest & RequestWithContext).guildhall);
  } catch (refusal) {
    discard(body);
    throw refusal;
  }
}
