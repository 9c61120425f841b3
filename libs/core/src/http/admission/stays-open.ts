import type { FastifyRequest } from 'fastify';
import { accepts } from '../accept.js';
import { preferredWaitMs } from '../prefer.js';
import { AddRouteConfig } from '../route-config.js';
import type { OpenAnswer } from './open-answers.js';

const MARK = { stream: 'guildhall:stream', wait: 'guildhall:wait' } as const;

/** For parameter decorators that ask what the caller wants: their handler is one whose answer may stay open. */
export function marksStaysOpen(kind: OpenAnswer): (target: object, name: string | symbol | undefined) => void {
  return (target, name) => {
    if (name === undefined) return;
    AddRouteConfig({ [MARK[kind]]: true })(target, name, Object.getOwnPropertyDescriptor(target, name));
  };
}

/** What an answer to this request will stay open for, as far as its route and its headers tell. */
export function staysOpenFor({ method, headers, routeOptions }: FastifyRequest): OpenAnswer | undefined {
  const config = (routeOptions.config ?? {}) as unknown as Readonly<Record<string, unknown>>;
  if (config[MARK.stream] === true && accepts(headers.accept ?? '', 'text/event-stream')) return 'stream';
  if (config[MARK.wait] !== true) return undefined;
  // A route to read with waits unasked.
  const waitMs = preferredWaitMs(headers.prefer ?? '') ?? (method === 'GET' ? 1 : 0);
  return waitMs > 0 ? 'wait' : undefined;
}
