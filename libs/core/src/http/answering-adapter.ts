import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { enveloped } from './envelope.js';
import { outcomeOf } from './idempotency/outcome.js';
import { scopeOf } from './request-scope.js';
import { isStream } from './stream-body.js';

/**
 * Where every handler's result leaves Nest: put into the envelope, and kept first where its request may be repeated. Not
 * an interceptor: one alone would wrap each request in Observables, at a sixth of what a gateway call costs.
 */
export class AnsweringAdapter extends FastifyAdapter {
  /** Nest awaits what it returns: where an outcome is kept first, a promise. */
  override reply(response: FastifyReply, body: unknown, statusCode?: number): FastifyReply {
    const scope = scopeOf(response.request);
    const settle = scope?.takeSettlement();
    if (settle) {
      const kept = settle(outcomeOf(body, response, scope?.lateStatus));
      return kept.then(() => this.reply(response, body, statusCode)) as never;
    }
    if (!isStream(body)) return this.send(response, enveloped(body, response.request, response), statusCode);
    scope?.becomeStream();
    return this.send(response, body, statusCode);
  }

  private send(response: FastifyReply, body: unknown, statusCode?: number): FastifyReply {
    return super.reply(response, body, statusCode) as FastifyReply;
  }
}
