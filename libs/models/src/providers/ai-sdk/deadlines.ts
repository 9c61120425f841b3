import { type ProviderConfig, TimeoutError } from '@guildhall/sdk';

/** A call that is not streamed is silent until it ends: only its total counts. */
const UNSTREAMED_TOTAL_MS = 30_000;
const FIRST_TOKEN_MS = 60_000;
const BETWEEN_TOKENS_MS = 60_000;

/**
 * The time limits of one call: a signal, or a plain call for those who can do without one, which costs less. A stream is limited to its first token and between tokens, and in total
 * only where its provider says so: the run has limits of its own.
 */
export class Deadlines {
  /** Told of the first limit that passes. */
  onExpired: ((reason: TimeoutError) => void) | undefined;
  private controller: AbortController | undefined;
  private reason: TimeoutError | undefined;
  private readonly betweenMs: number;
  private readonly total: NodeJS.Timeout | undefined;
  private waiting: NodeJS.Timeout | undefined;
  private hasToken = false;

  constructor(
    private readonly providerId: string,
    limits: ProviderConfig['timeouts'] = {},
    streamed: boolean,
  ) {
    this.betweenMs = limits.betweenTokensMs ?? BETWEEN_TOKENS_MS;
    const totalMs = limits.totalMs ?? (streamed ? undefined : UNSTREAMED_TOTAL_MS);
    if (totalMs !== undefined) this.total = this.after(totalMs, 'did not finish its reply');
    if (streamed) this.waiting = this.after(limits.firstTokenMs ?? FIRST_TOKEN_MS, 'did not begin its reply');
  }

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.reason) this.controller.abort(this.reason);
    return this.controller.signal;
  }

  /** Which limit has passed. */
  get expired(): TimeoutError | undefined {
    return this.reason;
  }

  /** A piece of the reply came: the wait for the next one begins. */
  token(): void {
    if (this.hasToken && this.waiting) {
      this.waiting.refresh();
      return;
    }
    this.hasToken = true;
    clearTimeout(this.waiting);
    this.waiting = this.after(this.betweenMs, 'fell silent in the middle of its reply');
  }

  /** The reply is held back by who reads it, until the next `token`. */
  pause(): void {
    clearTimeout(this.waiting);
    this.waiting = undefined;
  }

  clear(): void {
    clearTimeout(this.waiting);
    clearTimeout(this.total);
  }

  private after(ms: number, what: string): NodeJS.Timeout {
    return setTimeout(() => this.expire(`Provider '${this.providerId}' ${what} within ${ms} ms`), ms);
  }

  private expire(message: string): void {
    if (this.reason) return;
    this.reason = new TimeoutError('provider_timeout', message, { provider: this.providerId });
    this.controller?.abort(this.reason);
    this.onExpired?.(this.reason);
  }
}
