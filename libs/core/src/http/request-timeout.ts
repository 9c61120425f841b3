import type { FastifyRequest } from 'fastify';
import { preferredWaitMs } from './prefer.js';

/** Uploads are bound by the client's line, not by our work. */
const UPLOAD_FACTOR = 10;

/** How long a request may take: the setting, and what the client asked to wait on top. */
export function requestTimeoutMs({ headers }: Pick<FastifyRequest, 'headers'>, seconds: number): number {
  const upload = headers['content-type']?.startsWith('multipart/') === true;
  const wait = headers.prefer === undefined ? 0 : preferredWaitMs(headers.prefer) || 0;
  return seconds * 1000 * (upload ? UPLOAD_FACTOR : 1) + wait;
}
