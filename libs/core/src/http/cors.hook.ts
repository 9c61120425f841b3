import type { FastifyInstance } from 'fastify';

const METHODS = 'GET, POST, PUT, PATCH, DELETE';
const REQUEST_HEADERS =
  'authorization, content-type, accept, idempotency-key, if-match, if-none-match, prefer, x-request-id, traceparent, last-event-id';
const RESPONSE_HEADERS =
  'x-request-id, location, etag, retry-after, ratelimit, ratelimit-policy, idempotency-replayed, deprecation, sunset, link, x-api-deprecated, x-api-sunset, x-api-upgrade-to, x-cache, x-query-count';

/**
 * Lets pages of the listed origins call the API. Keys travel in a header, so credentials stay off. Own code, because
 * @fastify/cors answers every OPTIONS itself, where this API owes 405 to what is no preflight.
 */
export function installCors(fastify: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !allowed.has(origin)) return done();
    reply.header('access-control-allow-origin', origin);
    reply.header('access-control-expose-headers', RESPONSE_HEADERS);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return done();
    void reply
      .code(204)
      .headers({
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': REQUEST_HEADERS,
        'access-control-max-age': '600',
      })
      .send();
  });
}
