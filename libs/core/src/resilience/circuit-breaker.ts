import { AppError, UnavailableError } from '@guildhall/sdk';

export type BreakerState = 'closed' | 'open' | 'half_open';

export interface CircuitBreakerOptions {
  /** What it protects, in words a client may read: `database`, a provider's id. */
  readonly name: string;
  /** Failures in a row that open it. Default 5. */
  readonly failures?: number;
  /** How long it stays open before one probe may pass, in ms. Default 60 000. */
  readonly openMs?: number;
  /** Which errors are failures of the protected thing. Default: all but cancellations. */
  readonly counts?: (error: unknown) => boolean;
  /** Code of the rejection while it is open. Default `provider_unavailable`. */
  readonly code?: string;
  /** Called on every change, for gauges and logs. */
  readonly onChange?: (state: BreakerState) => void;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** The breaker refused without calling. Never retry it, never count it as a failure of the protected thing. */
export class CircuitOpenError extends UnavailableError {}

/** The right to make one call. Report its outcome exactly once; a second report is ignored. */
export interface BreakerPermit {
  succeeded(): void;
  failed(error: unknown): void;
}

/** Closed, open, half-open: after `failures` in a row it refuses at once for `openMs`, then lets one probe decide. */
export class CircuitBreaker {
  readonly name: string;
  private readonly limit: number;
  private readonly openMs: number;
  private readonly counts: (error: unknown) => boolean;
  private readonly code: string;
  private readonly onChange: (state: BreakerState) => void;
  private readonly now: () => number;

  private failures = 0;
  private openedAt: number | undefined;
  private probing = false;
  /** Grows with every opening and closing, so that calls begun before it have no say about what came after. */
  private era = 0;

  constructor(options: CircuitBreakerOptions) {
    this.name = options.name;
    this.limit = options.failures ?? 5;
    this.openMs = options.openMs ?? 60_000;
    this.counts = options.counts ?? isNoCancellation;
    this.code = options.code ?? 'provider_unavailable';
    this.onChange = options.onChange ?? (() => undefined);
    this.now = options.now ?? (() => performance.now());
  }

  get state(): BreakerState {
    if (this.openedAt === undefined) return 'closed';
    return this.remaining(this.openedAt) > 0 ? 'open' : 'half_open';
  }

  /** Runs `work`, or rejects with `CircuitOpenError` without calling it. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const permit = this.enter();
    try {
      const result = await work();
      permit.succeeded();
      return result;
    } catch (error) {
      permit.failed(error);
      throw error;
    }
  }

  /** For work that is no single promise, a stream: throws `CircuitOpenError`, or gives a permit to report on. */
  enter(): BreakerPermit {
    const state = this.state;
    if (state === 'open' || (state === 'half_open' && this.probing)) throw this.refusal();
    if (state === 'half_open') {
      this.probing = true;
      this.onChange('half_open');
    }
    return this.permit(this.era);
  }

  /** Closes it at once: a background probe saw the protected thing answer. */
  close(): void {
    if (this.openedAt === undefined && this.failures === 0) return;
    const wasOpen = this.openedAt !== undefined;
    this.openedAt = undefined;
    this.failures = 0;
    this.probing = false;
    this.era++;
    if (wasOpen) this.onChange('closed');
  }

  private permit(era: number): BreakerPermit {
    let reported = false;
    const report = (verdict: () => void) => {
      if (reported || era !== this.era) return;
      reported = true;
      verdict();
    };
    return {
      succeeded: () => report(() => this.succeed()),
      failed: (error) => report(() => this.fail(error)),
    };
  }

  private succeed(): void {
    if (this.openedAt === undefined) this.failures = 0;
    else this.close();
  }

  private fail(error: unknown): void {
    const probed = this.openedAt !== undefined;
    this.probing = false;
    if (!this.counts(error)) return;
    this.failures++;
    if (probed || this.failures >= this.limit) this.open();
  }

  private open(): void {
    this.openedAt = this.now();
    this.era++;
    this.onChange('open');
  }

  private remaining(openedAt: number): number {
    return openedAt + this.openMs - this.now();
  }

  private refusal(): CircuitOpenError {
    const retryAfterMs = Math.max(1000, this.openedAt === undefined ? 0 : this.remaining(this.openedAt));
    const message = `'${this.name}' failed repeatedly and is not called for now; try again later`;
    return new CircuitOpenError(this.code, message, { retryAfterMs });
  }
}

function isNoCancellation(error: unknown): boolean {
  if (AppError.is(error)) return error.category !== 'cancelled';
  return (error as { name?: unknown } | undefined)?.name !== 'AbortError';
}
