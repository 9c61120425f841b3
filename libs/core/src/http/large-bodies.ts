import type { RouteOptions } from 'fastify';
import { AddRouteConfig } from './route-config.js';

const LARGE_BODY_ROUTE = 'guildhall:large-body';
export const LARGE_BODY_BYTES = 20 * 1024 * 1024;

/** The route takes JSON of up to 20 MiB: bodies with pictures in them. All others answer 413 over 1 MiB. */
export const TakesLargeBody = () => AddRouteConfig({ [LARGE_BODY_ROUTE]: true });

/** For Fastify's `onRoute`: a limit in the route's config counts for nothing by itself. */
export function applyBodyLimit(route: RouteOptions): void {
  if (takesLargeBody(route.config)) route.bodyLimit = LARGE_BODY_BYTES;
}

export function takesLargeBody(config: unknown): boolean {
  return (config as { [LARGE_BODY_ROUTE]?: boolean } | undefined)?.[LARGE_BODY_ROUTE] === true;
}
