import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AuthenticationError, type RequestContext } from '@guildhall/sdk';
import { scopeOf } from '../http/request-scope.js';
import { withLogFields } from '../telemetry/log-context.js';
import { PUBLIC_ROUTE } from './access.decorators.js';
import { keyIdOf } from './api-token.js';
import type { Authenticator } from './authenticator.js';
import type { OpenRequests } from './open-requests.js';
import { type Principal, SYSTEM_ADMINISTRATOR, authenticatedContext } from './principal.js';
import type { Verdict, WrongKeys } from './wrong-keys.js';

interface GuildhallRequest extends FastifyRequest {
  guildhall: RequestContext;
}

export interface Authentication {
  readonly authenticator: Authenticator;
  readonly wrongKeys: WrongKeys;
  readonly openRequests: OpenRequests;
}

/** What a handler has to bring its stream to an end when the key has ended. */
const END_WITHIN_MS = 1000;

const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;

/**
 * Authenticates before a body is read, at the route Fastify matched: no path, header or content type is looked at
 * twice, so none can be read in two ways. A route is open only if it says so itself (`@Public()`, or Fastify's
 * `config: { [PUBLIC_ROUTE]: true }`); there a good key still counts and a bad one is ignored.
 */
export function installAuthentication(fastify: FastifyInstance, authentication: Authentication): void {
  const { authenticator, wrongKeys, openRequests } = authentication;
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.is404) return done();
    const open = (request.routeOptions.config as { [PUBLIC_ROUTE]?: boolean })[PUBLIC_ROUTE] === true;
    const admit = (principal: Principal | undefined) => {
      if (principal) {
        // The administrator's key is a setting, and ends with the process.
        if (principal !== SYSTEM_ADMINISTRATOR) endWithKey(principal, openRequests, request, reply);
        return enter(request as GuildhallRequest, principal, done);
      }
      if (open) return done();
      refuse(wrongKeys.judge(request.ip ?? '', token === undefined ? undefined : keyIdOf(token)), reply, done);
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

function refuse({ delayMs, headers, refusal }: Verdict, reply: FastifyReply, done: (error: Error) => void): void {
  reply.headers(headers);
  if (refusal) return done(refusal);
  reply.header('www-authenticate', 'Bearer');
  if (delayMs === 0) done(new AuthenticationError());
  else setTimeout(done, delayMs, new AuthenticationError()).unref();
}

/** A request lasts no longer than its key: its signal aborts, and a stream that goes on all the same is cut. */
function endWithKey(principal: Principal, openRequests: OpenRequests, request: FastifyRequest, reply: FastifyReply) {
  const { raw } = reply;
  const over = openRequests.add(principal.actor.id, () => {
    scopeOf(request)?.abort(new AuthenticationError('The API key of this request was revoked, or its time is over'));
    setTimeout(() => raw.headersSent && !raw.writableFinished && raw.destroy(), END_WITHIN_MS).unref();
  });
  raw.once('close', over);
  // The response of a pipelined request waits unattached, and never closes if the connection does before its turn.
  if (raw.socket === null) request.raw.socket.once('close', over);
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
