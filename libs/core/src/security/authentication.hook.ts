import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AuthenticationError, type RequestContext } from '@guildhall/sdk';
import { withLogFields } from '../telemetry/log-context.js';
import { PUBLIC_ROUTE } from './access.decorators.js';
import type { Authenticator } from './authenticator.js';
import { type Principal, authenticatedContext } from './principal.js';

interface GuildhallRequest extends FastifyRequest {
  guildhall: RequestContext;
}

const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;

/**
 * Authenticates before a body is read, at the route Fastify matched: no path, header or content type is looked at
 * twice, so none can be read in two ways. A route is open only if it says so itself (`@Public()`, or Fastify's
 * `config: { [PUBLIC_ROUTE]: true }`); there a good key still counts and a bad one is ignored.
 */
export function installAuthentication(fastify: FastifyInstance, authenticator: Authenticator): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.is404) return done();
    const open = (request.routeOptions.config as { [PUBLIC_ROUTE]?: boolean })[PUBLIC_ROUTE] === true;
    const admit = (principal: Principal | undefined) => {
      if (principal) return enter(request as GuildhallRequest, principal, done);
      if (open) return done();
      refuse(reply, done);
    };
    const token = tokenOf(request);
    const found = token === undefined ? undefined : authenticator.authenticate(token);
    if (!(found instanceof Promise)) return admit(found);
    // An open route does not depend on the database: liveness must not.
    found.then(admit, (error: Error) => (open ? done() : done(error)));
  });
}

function enter(request: GuildhallRequest, principal: Principal, done: () => void): void {
  request.guildhall = authenticatedContext(request.guildhall, principal);
  const { requestId, tenantId, actor } = request.guildhall;
  withLogFields({ requestId, tenantId, actorId: actor.id }, done);
}

function refuse(reply: FastifyReply, done: (error: Error) => void): void {
  reply.header('www-authenticate', 'Bearer');
  done(new AuthenticationError());
}

/** Exactly one Authorization header counts: with two, proxies and we might each believe another one. */
function tokenOf(request: FastifyRequest): string | undefined {
  const raw = request.raw.rawHeaders;
  let value: string | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    if (name.length !== 13 || name.toLowerCase() !== 'authorization') continue;
    if (value !== undefined) return undefined;
    value = raw[i + 1];
  }
  return value === undefined ? undefined : BEARER.exec(value)?.[1];
}
