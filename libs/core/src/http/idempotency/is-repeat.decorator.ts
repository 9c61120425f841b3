import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AddRouteConfig } from '../route-config.js';
import { type Outcome, RepeatedAnswer } from './outcome.js';

/** Key of a route that streams again by itself, in its Fastify config. */
const STREAMS_AGAIN = 'guildhall:streams-again';
const REPEAT = Symbol('guildhall.repeat');

interface RepeatableRequest {
  [REPEAT]?: true;
}

/** A route that asks is called for repeats, too: to take the parameter is to promise to heed it. */
function markRoute(target: object, name: string | symbol | undefined): void {
  if (name !== undefined) AddRouteConfig({ [STREAMS_AGAIN]: true })(target, name, methodOf(target, name));
}

const methodOf = (target: object, name: string | symbol) => Object.getOwnPropertyDescriptor(target, name);

/**
 * Whether this keyed request repeats one whose answer was a stream. No stream is kept, so its handler answers again, by
 * what the first request made: as a stream or otherwise, and without doing anything twice. All other answers are
 * repeated without the handler.
 */
export const IsRepeat = createParamDecorator(
  (_: unknown, host: ExecutionContext): boolean => host.switchToHttp().getRequest<RepeatableRequest>()[REPEAT] === true,
  [markRoute],
);

/** Lets the handler repeat its stream where it can; every other outcome is thrown, to be answered as it was. */
export function repeatByHandler(request: FastifyRequest, reply: FastifyReply, outcome: Outcome): true {
  const config = request.routeOptions.config as { [STREAMS_AGAIN]?: boolean };
  if (outcome.kind !== 'stream' || config[STREAMS_AGAIN] !== true) throw new RepeatedAnswer(outcome);
  (request as RepeatableRequest)[REPEAT] = true;
  void reply.header('idempotency-replayed', 'true');
  return true;
}
