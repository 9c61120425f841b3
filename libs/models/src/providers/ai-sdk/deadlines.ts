import { type ProviderConfig, TimeoutError } from '@guildhall/sdk';

/** A call that is not streamed is silent until it ends: only its total counts. */
const UNSTREAMED_TOTAL_MS = 30_000;
const FIRST_TOKEN_MS = 60_000;
const BETWEEN_TOKENS_MS = 60_000;

/**
 * The time limits of one call, as one signal. A stream is limited to its first token and between tokens, and in total
 * only where its provider says so: the run has limits of its own.
 */
export class Deadlines {
  private readonly controller = new AbortController();
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
    return this.controller.signal;
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
    return setTimeout(() => {
      const message = `Provider '${this.providerId}' ${what} within ${ms} ms`;
      this.controller.abort(new TimeoutError('provider_timeout', message, { provider: this.providerId }));
    }, ms);
  }
}
