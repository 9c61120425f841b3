import type { Readable } from 'node:stream';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Settings } from '../../config/settings.js';
import { Errors } from '../../errors/errors.js';
import type { RequestWithContext } from '../context.decorator.js';
import { scopeOf } from '../request-scope.js';
import { requestTimeoutMs } from '../request-timeout.js';
import { fingerprintOf } from './fingerprint.js';
import { IdempotencyService } from './idempotency.service.js';
import { repeatByHandler } from './is-repeat.decorator.js';
import { outcomeOf } from './outcome.js';

const KEY = /^[\x21-\x7e]{1,255}$/;
/**
 * Between the time limit of a request and the moment its key counts as abandoned. A statement may take longer: what must
 * not be done twice even then says so in its own table, as the runs do.
 */
const MARGIN_MS = 5000;

/**
 * `Idempotency-Key` on any POST: the same request again gets the first one's result, and nothing is done twice. The last
 * guard: it claims the key for who may act, or throws the answer that is to be repeated; a stream is left to its handler.
 */
@Injectable()
export class IdempotencyGuard implements CanActivate {
  constructor(
    private readonly settings: Settings,
    private readonly idempotency: IdempotencyService,
  ) {}

  canActivate(host: ExecutionContext): boolean | Promise<boolean> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest & RequestWithContext>();
    const given = request.headers['idempotency-key'];
    // An open route has no tenant to keep a key for.
    if (given === undefined || request.method !== 'POST' || request.guildhall.tenantId === '') return true;
    return this.claim(validKey(given), request, http.getResponse<FastifyReply>());
  }

  private async claim(key: string, request: FastifyRequest & RequestWithContext, reply: FastifyReply): Promise<true> {
    const leaseMs = requestTimeoutMs(request, this.settings.REQUEST_TIMEOUT) + MARGIN_MS;
    const fingerprint = fingerprintOf(request);
    const attempt = await this.idempotency.begin(request.guildhall, key, fingerprint, leaseMs);
    if (attempt.kind === 'repeated') return repeatByHandler(request, reply, attempt.outcome);
    const scope = scopeOf(request);
    scope?.settleWith((outcome) => this.idempotency.settle(attempt.claim, fingerprint, outcome));
    // What a handler writes itself, events for one, passes no one else; with its first piece it stands.
    const stands = () => void scope?.takeSettlement()?.(outcomeOf(undefined, reply));
    reply.raw.once('pipe', (source: Readable) => source.once('data', stands));
    // Not a refusal: one that is late comes while the handler still works.
    reply.raw.once('finish', () => reply.statusCode < 400 && stands());
    return true;
  }
}

function validKey(given: string | string[]): string {
  const key = String(given);
  if (KEY.test(key)) return key;
  throw Errors.badRequest('The Idempotency-Key is not valid', [
    { path: 'header.idempotency-key', code: 'invalid_format', message: 'Send 1 to 255 printable ASCII characters' },
  ]);
}
