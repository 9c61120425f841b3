import type { FastifyRequest } from 'fastify';
import { type AppError, type RequestContext, UnavailableError } from '@guildhall/sdk';
import { RequestTally } from '../telemetry/request-tally.js';
import type { Admission } from './admission/admission.js';
import type { BodyNeed } from './admission/body-room.js';
import type { OpenAnswer } from './admission/open-answers.js';
import { staysOpenFor } from './admission/stays-open.js';
import type { Outcome } from './idempotency/outcome.js';

/** Keeps how a request ended, for the next one like it; undefined: it ended in a way that says nothing of the next. */
export type Settle = (outcome: Outcome | undefined) => Promise<void>;

/** Requests without a key have, all together, a tenth of the slots at most. */
const ANONYMOUS_TIMES_LEFT = 1 / 9;

/** What belongs to one request and ends with it: its places, its time, its abort signal, its tally. */
export class RequestScope {
  readonly tally = new RequestTally();
  /** The status of the handler's answer, where the request was refused as late before there was one. */
  lateStatus?: number;
  private readonly controller = new AbortController();
  private timer?: NodeJS.Timeout;
  private onTimeout?: (seconds: number) => void;
  private ended = false;
  /** The tenant whose slot it holds. */
  private slotOf: string | undefined;
  private body: (BodyNeed & { readonly tenantId: string }) | undefined;
  private open: { readonly kind: OpenAnswer; readonly ctx: RequestContext } | undefined;
  private settle: Settle | undefined;
  private readonly releases: (() => void)[] = [];

  /** Answered whatever else is going on: no slot, no time limit. */
  readonly unlimited: boolean;
  private readonly streamIdleSeconds: number;

  constructor(
    private readonly admission: Admission,
    { unlimited, streamIdleSeconds }: { readonly unlimited: boolean; readonly streamIdleSeconds: number },
  ) {
    this.unlimited = unlimited;
    this.streamIdleSeconds = streamIdleSeconds;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Room for a body before a byte of it is read. The refusal, where there is none. */
  receive(request: FastifyRequest, { tenantId }: RequestContext): AppError | undefined {
    const need = this.admission.bodies.needOf(request);
    if (!need || this.ended) return undefined;
    if (!need.room.tryTake(tenantId, need.bytes)) return tooMany('bodies');
    this.body = { ...need, tenantId };
    return undefined;
  }

  /**
   * The body is there: a slot to work on the request. Where its tenant has its share or all are taken, a request whose
   * answer stays open does with its place among those; any other is refused.
   */
  begin(request: FastifyRequest, ctx: RequestContext): AppError | undefined {
    const { tenantId } = ctx;
    if (this.body?.toTheEnd === false) this.releaseBody();
    if (this.ended || this.unlimited) return undefined;
    const timesLeft = tenantId === '' ? ANONYMOUS_TIMES_LEFT : undefined;
    if (this.admission.slots.tryTake(tenantId, 1, timesLeft)) {
      this.slotOf = tenantId;
      return undefined;
    }
    const kind = staysOpenFor(request);
    return kind ? this.stayOpen(kind, ctx) : tooMany('requests');
  }

  /** The refusal, where the process has no memory for another request. */
  get refusal(): AppError | undefined {
    if (this.unlimited || !this.admission.memory.isShort) return undefined;
    const message = 'The server is short of memory; repeat this one soon';
    return new UnavailableError('concurrency_limited', message, { retryAfterMs: 2000 });
  }

  startTimer(ms: number, onTimeout: (seconds: number) => void): void {
    this.onTimeout = onTimeout;
    this.timer = setTimeout(onTimeout, ms, ms / 1000);
  }

  /** The time of a stream from now on, just short of the silence at which its connection is cut. */
  awaitStream(): void {
    if (!this.onTimeout || this.ended) return;
    clearTimeout(this.timer);
    this.startTimer(this.streamIdleSeconds * 900, this.onTimeout);
  }

  /** The request's outcome has to be kept before it is answered. */
  settleWith(settle: Settle): void {
    this.settle = settle;
  }

  /** For whoever knows the outcome first. Undefined where none is wanted, or any more. */
  takeSettlement(): Settle | undefined {
    const { settle } = this;
    this.settle = undefined;
    return settle;
  }

  abort(reason: unknown): void {
    this.controller.abort(reason);
  }

  /** A place among the answers that stay open, before anything is done for one. Throws where there is none. */
  keepOpen(kind: OpenAnswer, ctx: RequestContext): void {
    const refusal = this.stayOpen(kind, ctx);
    if (refusal) throw refusal;
  }

  /** The answer is a stream now: it may last, and is not worked on. */
  becomeStream(ctx: RequestContext): void {
    this.keepOpen('stream', ctx);
    clearTimeout(this.timer);
    this.leaveSlot();
  }

  standAside(ctx: RequestContext): void {
    if (this.slotOf !== undefined && !this.stayOpen('wait', ctx)) this.leaveSlot();
  }

  /** Memory for a file of its form, until the answer. Throws where there is none. */
  takeMemory(bytes: number, { tenantId }: RequestContext): void {
    const { loaded } = this.admission.bodies;
    if (!loaded.tryTake(tenantId, bytes)) throw tooMany('bodies');
    this.atEnd(() => loaded.give(tenantId, bytes));
  }

  /** What has to be given back when the request ends, however it does. */
  atEnd(release: () => void): void {
    if (this.ended) release();
    else this.releases.push(release);
  }

  end(): void {
    this.ended = true;
    for (const release of this.releases.splice(0)) release();
    clearTimeout(this.timer);
    this.leaveSlot();
    this.releaseBody();
    if (this.open) this.admission.answers.leave(this.open.kind, this.open.ctx);
    this.open = undefined;
  }

  private stayOpen(kind: OpenAnswer, ctx: RequestContext): AppError | undefined {
    if (this.open || this.ended) return undefined;
    const refusal = this.admission.answers.enter(kind, ctx);
    if (!refusal) this.open = { kind, ctx };
    return refusal;
  }

  private leaveSlot(): void {
    if (this.slotOf === undefined) return;
    this.admission.slots.give(this.slotOf);
    this.slotOf = undefined;
  }

  private releaseBody(): void {
    if (this.body) this.body.room.give(this.body.tenantId, this.body.bytes);
    this.body = undefined;
  }
}

function tooMany(what: 'bodies' | 'requests'): AppError {
  const message = `The server has too many ${what} in hand, in all or of your tenant; repeat this one soon`;
  return new UnavailableError('concurrency_limited', message, { retryAfterMs: 1000 });
}

/** On requests, and on their contexts: every copy of one keeps it. */
const SCOPE = Symbol('guildhall.scope');

interface Scoped {
  [SCOPE]?: RequestScope;
}

export function setScope(request: FastifyRequest, scope: RequestScope): void {
  (request as Scoped)[SCOPE] = scope;
}

/** Undefined for requests that Fastify refused before any hook ran. */
export function scopeOf(request: FastifyRequest): RequestScope | undefined {
  return (request as Scoped)[SCOPE];
}

export function scopedContext(ctx: RequestContext, scope: RequestScope): RequestContext {
  const scoped: RequestContext & Scoped = { ...ctx, [SCOPE]: scope };
  return scoped;
}

/** A place among the answers that stay open, taken before anything is done for one. Throws where there is none. */
export function keepOpen(ctx: RequestContext, kind: OpenAnswer): void {
  (ctx as Scoped)[SCOPE]?.keepOpen(kind, ctx);
}

/** The request of `ctx` only waits from now on: its slot is another's. It keeps it where no place to wait is left. */
export function standAside(ctx: RequestContext): void {
  (ctx as Scoped)[SCOPE]?.standAside(ctx);
}

/** The answer will be a stream whose first byte may take as long as the silence between two. */
export function awaitStream(request: FastifyRequest, ctx: RequestContext): void {
  const scope = scopeOf(request);
  scope?.keepOpen('stream', ctx);
  scope?.awaitStream();
}
