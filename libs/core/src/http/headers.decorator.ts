import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import { ValidationError } from '@guildhall/sdk';
import { accepts } from './accept.js';
import { marksStaysOpen } from './admission/stays-open.js';
import type { RequestWithContext } from './context.decorator.js';
import { type Revisions, revisionsOf } from './entity-tag.js';
import { preferredWaitMs } from './prefer.js';
import { keepOpen } from './request-scope.js';

const header = (host: ExecutionContext, name: string): string | undefined => {
  const value = host.switchToHttp().getRequest<RequestWithContext>().headers[name];
  return Array.isArray(value) ? value.join(',') : value;
};

/**
 * Milliseconds of `Prefer: wait=N` (seconds, at most 60); without it those given here, or undefined. A place to wait is
 * taken then, so that nothing is begun for whom there is none.
 */
export const PreferWait = createParamDecorator(
  (without: number | undefined, host): number | undefined => {
    const wait = preferredWaitMs(header(host, 'prefer') ?? '') ?? without;
    if (wait !== undefined && wait > 0) keepOpen(contextOf(host), 'wait');
    if (wait === undefined || wait >= 0) return wait;
    const message = 'Send a number of seconds from 0 to 60, e.g. "Prefer: wait=30"';
    throw new ValidationError('The Prefer header is not understood', [
      { path: 'header.prefer', code: 'invalid_wait', message },
    ]);
  },
  [marksStaysOpen('wait')],
);

/** The revisions in `If-Match`, without quotes; undefined when absent or `*`. */
export const IfMatch = createParamDecorator((_: unknown, host: ExecutionContext): Revisions =>
  revisionsOf(header(host, 'if-match')),
);

/** Whether the caller asked for an event stream: `Accept: text/event-stream`. Its place is taken then. */
export const WantsStream = createParamDecorator(
  (_: unknown, host: ExecutionContext): boolean => {
    const wanted = accepts(header(host, 'accept') ?? '', 'text/event-stream');
    if (wanted) keepOpen(contextOf(host), 'stream');
    return wanted;
  },
  [marksStaysOpen('stream')],
);

const contextOf = (host: ExecutionContext) => host.switchToHttp().getRequest<RequestWithContext>().guildhall;
