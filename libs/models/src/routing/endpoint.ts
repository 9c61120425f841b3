import { type BreakerState, CircuitBreaker, type CircuitBreakerOptions } from '@guildhall/core';
import { AppError, CancelledError, type ModelClient, type ProviderConfig } from '@guildhall/sdk';
import type { Clock } from '../clock.js';
import { type CallOutcome, outcomeOf } from './call-outcome.js';
import { InFlightLimit } from './in-flight-limit.js';
import { isProvidersFault, isRateLimit } from './provider-fault.js';

/** How soon to look again whether a full endpoint has room. */
const LOOK_AGAIN_MS = 50;

export interface EndpointOptions extends Pick<CircuitBreakerOptions, 'failures' | 'openMs'> {
  readonly onChange: (state: BreakerState, endpoint: Endpoint) => void;
  /** After every call that was made; with the error that it ended in. */
  readonly onCall: (outcome: CallOutcome, ms: number, error?: unknown) => void;
}

/** One key at one address of a provider: its client, its breaker, and how much it takes. */
export class Endpoint {
  readonly breaker: CircuitBreaker;
  private readonly limit = new InFlightLimit();
  private restsUntil = 0;
  private isProbed = false;
  private turn = 0;

  constructor(
    /** With the one `baseUrl` and `apiKey` of this endpoint. */
    readonly config: ProviderConfig,
    readonly client: ModelClient,
    private readonly clock: Clock,
    private readonly options: EndpointOptions,
  ) {
    const { onChange, failures, openMs } = options;
    this.breaker = new CircuitBreaker({
      ...(failures === undefined ? {} : { failures }),
      ...(openMs === undefined ? {} : { openMs }),
      name: config.id,
      now: () => clock.now(),
      // Too many at once is for the limit to cure; one alone that is refused all the same is a failure.
      counts: (error) => isProvidersFault(error) && !(isRateLimit(error) && this.limit.inFlight > 1),
      onChange: (state) => onChange(state, this),
    });
  }

  /** Whether a call made now would reach the vendor. */
  get isReady(): boolean {
    return this.isCallable && this.waitMs === 0;
  }

  /** Whether its breaker lets a call pass. */
  get isCallable(): boolean {
    const { state } = this.breaker;
    return state === 'closed' || (state === 'half_open' && !this.isProbed);
  }

  /** Whether no call of it is under way. */
  get isIdle(): boolean {
    return this.limit.inFlight === 0;
  }

  /** How long until it may take a call, as far as that is known. */
  get waitMs(): number {
    const rests = Math.max(0, this.restsUntil - this.clock.now());
    return rests > 0 ? rests : this.limit.isFull ? LOOK_AGAIN_MS : 0;
  }

  /** Less comes first: those that need no probe, then the least busy, then those that waited longest. */
  static compare(this: void, one: Endpoint, other: Endpoint): number {
    const needsProbe = Number(one.breaker.state !== 'closed') - Number(other.breaker.state !== 'closed');
    return needsProbe || one.limit.inFlight - other.limit.inFlight || one.turn - other.turn;
  }

  /** One call. Throws `CircuitOpenError` without making it while the breaker is open. */
  async run<T>(turn: number, signal: AbortSignal, work: (client: ModelClient) => Promise<T>): Promise<T> {
    const probes = this.breaker.state === 'half_open';
    const permit = this.breaker.enter();
    const era = this.limit.begin();
    this.turn = turn;
    this.isProbed = probes;
    const began = this.clock.now();
    const ended = (outcome: CallOutcome, error?: unknown) =>
      this.options.onCall(outcome, this.clock.now() - began, error);
    try {
      const result = await work(this.client);
      permit.succeeded();
      this.limit.succeeded();
      ended('succeeded');
      return result;
    } catch (error) {
      const verdict = signal.aborted ? new CancelledError() : error;
      permit.failed(verdict);
      this.rest(verdict);
      if (isRateLimit(verdict)) this.limit.refused(era);
      else this.limit.failed();
      ended(outcomeOf(verdict), verdict);
      throw error;
    } finally {
      if (probes) this.isProbed = false;
    }
  }

  /** What it asked for with `Retry-After`. */
  private rest(error: unknown): void {
    const waitMs = AppError.is(error) ? (error.retryAfterMs ?? 0) : 0;
    this.restsUntil = Math.max(this.restsUntil, this.clock.now() + waitMs);
  }
}
