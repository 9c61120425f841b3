import type { FastifyInstance } from 'fastify';
import { scopeOf } from './request-scope.js';

/**
 * `X-Cache`: how deep the cache was asked for this answer. `X-Query-Count`, for developers: the statements it took, so
 * that a list which asks once for each of its rows is seen.
 */
export function installTallyHeaders(fastify: FastifyInstance, showQueries: boolean): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const tally = scopeOf(request)?.tally;
    if (tally?.cache !== undefined) reply.header('x-cache', tally.cache);
    if (tally && showQueries) reply.header('x-query-count', tally.queries);
    done(null, payload);
  });
}
