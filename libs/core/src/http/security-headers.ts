import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';
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

/** What every answer carries, whoever gives it. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = securityHeaders();

export function installSecurityHeaders(fastify: FastifyInstance): void {
  // Over plain HTTP the last one means nothing, and on a laptop it would lock other projects out of http://localhost.
  const secured = { ...SECURITY_HEADERS, 'strict-transport-security': 'max-age=31536000; includeSubDomains' };
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(request.protocol === 'https' ? secured : SECURITY_HEADERS);
    done();
  });
}

/** What helmet sets, asked once: it is the same for every answer, and making it anew costs as much as routing. */
function securityHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  const setHeader = (name: string, value: string) => void (headers[name.toLowerCase()] = value);
  const set = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: structuredClone(CONTENT_SECURITY_POLICY) as never },
    frameguard: { action: 'deny' },
    hsts: false,
  });
  set({} as IncomingMessage, { setHeader, removeHeader: () => {} } as unknown as ServerResponse, (error) => {
    if (error) throw error;
  });
  return headers;
}
