import { createHash } from 'node:crypto';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, catchError, from, map, mergeMap, of } from 'rxjs';
import { Settings } from '../../config/settings.js';
import { Errors } from '../../errors/errors.js';
import type { RequestWithContext } from '../context.decorator.js';
import { requestTimeoutMs } from '../request-timeout.js';
import type { Claim } from './idempotency.repository.js';
import { IdempotencyService } from './idempotency.service.js';
import { outcomeOf, refusalOf, repeat } from './outcome.js';

const KEY = /^[\x21-\x7e]{1,255}$/;
/** Between the time limit of a request and the moment its key counts as abandoned. */
const MARGIN_MS = 5000;

/** `Idempotency-Key` on any POST: the same request again gets the first one's result, and nothing is done twice. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly settings: Settings,
    private readonly idempotency: IdempotencyService,
  ) {}

  intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest & RequestWithContext>();
    const given = request.headers['idempotency-key'];
    // An open route has no tenant to keep a key for.
    if (given === undefined || request.method !== 'POST' || request.guildhall.tenantId === '') return next.handle();
    const key = validKey(given);
    const reply = http.getResponse<FastifyReply>();
    const leaseMs = requestTimeoutMs(request, this.settings.REQUEST_TIMEOUT) + MARGIN_MS;
    return from(this.idempotency.begin(request.guildhall, key, fingerprintOf(request), leaseMs)).pipe(
      mergeMap((attempt) =>
        attempt.kind === 'first'
          ? this.perform(attempt.claim, next, reply)
          : of(attempt.outcome).pipe(map((outcome) => repeat(outcome, reply))),
      ),
    );
  }

  private perform(claim: Claim, next: CallHandler, reply: FastifyReply): Observable<unknown> {
    return next.handle().pipe(
      mergeMap(async (value: unknown) => {
        await this.idempotency.settle(claim, outcomeOf(value, reply));
        return value;
      }),
      catchError(async (thrown: unknown) => {
        await this.idempotency.settle(claim, refusalOf(thrown));
        throw thrown;
      }),
    );
  }
}

function validKey(given: string | string[]): string {
  const key = String(given);
  if (KEY.test(key)) return key;
  throw Errors.badRequest('The Idempotency-Key is not valid', [
    { path: 'header.idempotency-key', code: 'invalid_format', message: 'Send 1 to 255 printable ASCII characters' },
  ]);
}

/** A form's bytes are read by its handler, so of a form only its length counts. */
function fingerprintOf({ method, raw, body, headers }: FastifyRequest): string {
  const content = body === undefined ? (headers['content-length'] ?? '') : JSON.stringify(body);
  return createHash('sha256').update(`${method} ${raw.url}\n${content}`).digest('base64url');
}
