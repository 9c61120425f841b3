import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { type AppError, UnavailableError } from '@guildhall/sdk';
import { AddRouteConfig } from './route-config.js';
import { MAX_BODY_BYTES } from './uploads.js';

const LARGE_BODY_ROUTE = 'guildhall:large-body';
const MAX_LARGE_BODY_BYTES = 20 * 1024 * 1024;
/** What all large bodies of a moment may have together: each is held in memory several times over. */
const BUDGET_BYTES = 5 * MAX_LARGE_BODY_BYTES;

/** The route takes JSON of up to 20 MiB: bodies with pictures in them. All others answer 413 over 1 MiB. */
export const TakesLargeBody = () => AddRouteConfig({ [LARGE_BODY_ROUTE]: true });

/** For Fastify's `onRoute`: a limit in the route's config counts for nothing by itself. */
export function applyBodyLimit(route: RouteOptions): void {
  if (takesLargeBody(route.config)) route.bodyLimit = MAX_LARGE_BODY_BYTES;
}

function takesLargeBody(config: unknown): boolean {
  return (config as { [LARGE_BODY_ROUTE]?: boolean } | undefined)?.[LARGE_BODY_ROUTE] === true;
}

/** The memory of large bodies: each has its place until its answer is sent. */
export class LargeBodies {
  private free = BUDGET_BYTES;

  /** Takes a place before a byte is read. The refusal, where there is none left. */
  enter({ headers, routeOptions }: FastifyRequest, reply: FastifyReply): AppError | undefined {
    if (!takesLargeBody(routeOptions.config)) return undefined;
    const isOpenEnded = headers['transfer-encoding'] !== undefined;
    const bytes = isOpenEnded ? MAX_LARGE_BODY_BYTES : Number(headers['content-length'] ?? 0);
    if (bytes <= MAX_BODY_BYTES || bytes > MAX_LARGE_BODY_BYTES) return undefined;
    if (bytes > this.free) {
      const message = 'Too many large bodies are worked on already; repeat this one soon';
      return new UnavailableError('concurrency_limited', message, { retryAfterMs: 1000 });
    }
    this.free -= bytes;
    reply.raw.once('close', () => (this.free += bytes));
    return undefined;
  }
}
