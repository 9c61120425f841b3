import type { RouteOptions } from 'fastify';
import { AddRouteConfig } from './route-config.js';

export const UPLOAD_ROUTE = 'guildhall:upload';
export const MAX_BODY_BYTES = 1024 * 1024;
export const MAX_UPLOAD_BYTES = 50 * 1024 * 1024;

/** Limits of a form, whatever route reads it. */
export const MULTIPART_LIMITS = {
  fileSize: MAX_UPLOAD_BYTES,
  files: 10,
  fields: 100,
  parts: 110,
  fieldSize: MAX_BODY_BYTES,
  fieldNameSize: 200,
  headerPairs: 100,
} as const;

/** The route takes `multipart/form-data` of up to 50 MiB. All others answer 415 to it. */
export const AcceptsUpload = () => AddRouteConfig({ [UPLOAD_ROUTE]: true });

const LARGE_BODY_ROUTE = 'guildhall:large-body';
const MAX_LARGE_BODY_BYTES = 20 * 1024 * 1024;

/** The route takes JSON of up to 20 MiB: bodies with pictures in them. All others answer 413 over 1 MiB. */
export const TakesLargeBody = () => AddRouteConfig({ [LARGE_BODY_ROUTE]: true });

/** For Fastify's `onRoute`: a limit in the route's config counts for nothing by itself. */
export function applyBodyLimit(route: RouteOptions): void {
  const config = route.config as { [LARGE_BODY_ROUTE]?: boolean } | undefined;
  if (config?.[LARGE_BODY_ROUTE] === true) route.bodyLimit = MAX_LARGE_BODY_BYTES;
}
