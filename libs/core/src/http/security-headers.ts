import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** Strict, and still enough for Swagger UI: its scripts are files, only its styles are inline. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  styleSrc: ["'self'", "'unsafe-inline'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
} as const;

export async function installSecurityHeaders(fastify: FastifyInstance): Promise<void> {
  await fastify.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: structuredClone(CONTENT_SECURITY_POLICY) as never },
    frameguard: { action: 'deny' },
    hsts: false,
  });
  // Over plain HTTP the header means nothing, and on a laptop it would lock other projects out of http://localhost.
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains');
    done();
  });
}
