import type { FastifyRequest } from 'fastify';
import { RequestTally } from '../telemetry/request-tally.js';
import type { Outcome } from './idempotency/outcome.js';

/** Requests being worked on, against the limit. */
export class InFlight {
  private count = 0;

  constructor(private readonly limit: number) {}

  get current(): number {
    return this.count;
  }

  tryEnter(): boolean {
    if (this.count >= this.limit) return false;
    this.count++;
    return true;
  }

  leave(): void {
    this.count--;
  }
}

/** Keeps how a request ended, for the next one like it; undefined: it ended in a way that says nothing of the next. */
export type Settle = (outcome: Outcome | undefined) => Promise<void>;

/** What belongs to one request and ends with it: its place among those in flight, its time, its abort signal, its tally. */
export class RequestScope {
  readonly tally = new RequestTally();
  /** The status of the handler's answer, where the request was refused as late before there was one. */
  lateStatus?: number;
  private readonly controller = new AbortController();
  private timer?: NodeJS.Timeout;
  private onTimeout?: (seconds: number) => void;
  private entered = false;
  private settle: Settle | undefined;

  constructor(
    private readonly inFlight: InFlight,
    private readonly streamIdleSeconds: number,
  ) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** False when too many are in flight. */
  tryEnter(): boolean {
    return (this.entered = this.inFlight.tryEnter());
  }

  startTimer(ms: number, onTimeout: (seconds: number) => void): void {
    this.onTimeout = onTimeout;
    this.timer = setTimeout(onTimeout, ms, ms / 1000);
  }

  /** The time of a stream from now on, just short of the silence at which its connection is cut. */
  awaitStream(): void {
    if (!this.onTimeout) return;
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

  /** The answer is a stream now: it may last, and holds no place of a request that is worked on. */
  becomeStream(): void {
    this.end();
  }

  end(): void {
    clearTimeout(this.timer);
    if (this.entered) this.inFlight.leave();
    this.entered = false;
  }
}

const SCOPE = Symbol('guildhall.scope');

interface ScopedRequest {
  [SCOPE]?: RequestScope;
}

export function setScope(request: FastifyRequest, scope: RequestScope): void {
  (request as ScopedRequest)[SCOPE] = scope;
}

/** Undefined for requests that Fastify refused before any hook ran. */
export function scopeOf(request: FastifyRequest): RequestScope | undefined {
  return (request as ScopedRequest)[SCOPE];
}

/** The answer will be a stream whose first byte may take as long as the silence between two. */
export function awaitStream(request: FastifyRequest): void {
  scopeOf(request)?.awaitStream();
}
