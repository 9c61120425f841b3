import { AddRouteConfig } from '../route-config.js';

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
