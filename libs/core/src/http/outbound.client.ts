import type { Dispatcher } from 'undici';
import type { ChooseJudge } from './outbound-judge.js';

export interface OutboundRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  readonly signal: AbortSignal;
  /** Total limit in ms. Default 30 000. */
  readonly timeoutMs?: number;
  /** Bytes of the answer that are read at most. Default 10 MiB. */
  readonly maxResponseBytes?: number;
  /** `tenant`: the address guard applies. `operator`: only metadata addresses are refused. */
  readonly trust: 'tenant' | 'operator';
}

export interface OutboundResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The address that answered, after redirects. */
  readonly url: string;
}

export interface FetchOptions {
  readonly connectMs?: number;
  readonly judge?: ChooseJudge;
}

/** The one door out for HTTP. Throws `outbound_blocked`, a `TimeoutError` or an `UpstreamError`; a status is no error. */
export abstract class OutboundClient {
  abstract request(url: string, options: OutboundRequest): Promise<OutboundResponse>;
  /**
   * A `fetch` for vendors' SDKs, streaming bodies unread, over more connections than `request` has: model calls last.
   * `connectMs` makes connecting fail sooner than the pool's 10 s, in steps of 100 ms. `judge` sees what is answered
   * first.
   */
  abstract fetch(trust: OutboundRequest['trust'], options?: FetchOptions): typeof globalThis.fetch;
  /** The pooled dispatcher of operator endpoints, for byte-for-byte passing through. */
  abstract readonly dispatcher: Dispatcher;
}
