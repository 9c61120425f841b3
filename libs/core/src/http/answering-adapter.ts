import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LargeLists } from './admission/large-lists.js';
import type { RequestWithContext } from './context.decorator.js';
import { enveloped } from './envelope.js';
import { outcomeOf } from './idempotency/outcome.js';
import { isListAnswer, listJson } from './list-json.js';
import { type RequestScope, scopeOf } from './request-scope.js';
import { discard, isStream } from './stream-body.js';

/**
 * Where every handler's result leaves Nest: put into the envelope, and kept first where its request may be repeated. Not
 * an interceptor: one alone would wrap each request in Observables, at a sixth of what a gateway call costs.
 */
export class AnsweringAdapter extends FastifyAdapter {
  readonly lists = new LargeLists();

  /** Nest awaits what it returns: where an outcome is kept first, or a list is long, a promise. */
  override reply(response: FastifyReply, body: unknown, statusCode?: number): FastifyReply {
    const scope = scopeOf(response.request);
    const streams = isStream(body);
    if (streams) openStream(body, response.request, scope);
    const settle = scope?.takeSettlement();
    if (settle) {
      const kept = settle(outcomeOf(body, response, scope?.lateStatus));
      return kept.then(() => this.reply(response, body, statusCode)) as never;
    }
    const answer = streams ? body : enveloped(body, response.request, response);
    if (!isListAnswer(answer)) return this.send(response, answer, statusCode);
    const json = listJson(answer);
    if (typeof json === 'string') return this.sendList(response, json, statusCode);
    return json.then((long) => this.sendList(response, long, statusCode)) as never;
  }

  private sendList(response: FastifyReply, json: string, statusCode?: number): FastifyReply {
    this.lists.made(response.request, json.length);
    void response.header('content-type', 'application/json; charset=utf-8');
    return this.send(response, json, statusCode);
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
