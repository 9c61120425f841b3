import { createHash } from 'node:crypto';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, catchError, concatMap, from, mergeMap, of } from 'rxjs';
import { Settings } from '../../config/settings.js';
import { Errors } from '../../errors/errors.js';
import type { RequestWithContext } from '../context.decorator.js';
import { requestTimeoutMs } from '../request-timeout.js';
import type { Claim } from './idempotency.repository.js';
import { IdempotencyService } from './idempotency.service.js';
import { type Outcome, outcomeOf, refusalOf, repeat } from './outcome.js';

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
    const route: Route = { next, reply, events: Reflect.getMetadata(SSE_METADATA, host.getHandler()) === true };
    return from(this.idempotency.begin(request.guildhall, key, fingerprintOf(request), leaseMs)).pipe(
      mergeMap((attempt) =>
        attempt.kind === 'first' ? this.perform(attempt.claim, route) : of(repeat(attempt.outcome, reply)),
      ),
    );
  }

  private perform(claim: Claim, { next, reply, events }: Route): Observable<unknown> {
    let settled = false;
    return next.handle().pipe(
      concatMap(async (value: unknown) => {
        // Events come here one by one; the first says that the stream stands.
        if (!settled) await this.idempotency.settle(claim, events ? EVENTS : outcomeOf(value, reply));
        settled = true;
        return value;
      }),
      catchError(async (thrown: unknown) => {
        if (!settled) await this.idempotency.settle(claim, refusalOf(thrown));
        throw thrown;
      }),
    );
  }
}

interface Route {
  readonly next: CallHandler;
  readonly reply: FastifyReply;
  /** Nest writes its events itself (`@Sse`), so nothing but events can be put in their place. */
  readonly events: boolean;
}

const EVENTS: Outcome = { kind: 'stream', location: null };

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
