import { Readable } from 'node:stream';
import type { Agent, Dispatcher } from 'undici';
import { AppError, TimeoutError, UpstreamError, ValidationError } from '@guildhall/sdk';
import { ACCEPTED_ENCODINGS, decoded, isBodiless, readAtMost, tooLarge } from './outbound-body.js';
import { CONNECT_TIMEOUT_MS, type Lookup, outboundAgent } from './outbound-agent.js';
import { outboundFetch } from './outbound-fetch.js';
import type { OutboundGuard, Trust } from './outbound-guard.js';
import { type Answer, discard, exchange } from './outbound-redirects.js';
import { OutboundClient, type OutboundRequest, type OutboundResponse } from './outbound.client.js';

const TIMEOUT_MS = 30_000;
const MAX_RESPONSE_BYTES = 10 * 1024 * 1024;
/** Connect limits are rounded up to steps of this, so that there are few pools. */
const CONNECT_STEP_MS = 100;

interface Pool {
  readonly agent: Agent;
  readonly fetch: typeof globalThis.fetch;
}

/** `OutboundClient` over undici. */
export class UndiciOutboundClient extends OutboundClient {
  private readonly pools: Readonly<Record<Trust, Pool>>;
  private readonly hurriedPools = new Map<string, Pool>();

  constructor(
    private readonly guard: OutboundGuard,
    private readonly lookup?: Lookup,
  ) {
    super();
    this.pools = { tenant: this.pool('tenant'), operator: this.pool('operator') };
  }

  get dispatcher(): Dispatcher {
    return this.pools.operator.agent;
  }

  fetch(trust: Trust, { connectMs }: { readonly connectMs?: number } = {}): typeof globalThis.fetch {
    const limit = Math.ceil((connectMs ?? CONNECT_TIMEOUT_MS) / CONNECT_STEP_MS) * CONNECT_STEP_MS;
    if (limit >= CONNECT_TIMEOUT_MS) return this.pools[trust].fetch;
    const key = `${trust} ${limit}`;
    const pool = this.hurriedPools.get(key) ?? this.pool(trust, limit);
    this.hurriedPools.set(key, pool);
    return pool.fetch;
  }

  async request(url: string, options: OutboundRequest): Promise<OutboundResponse> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
    const signal = AbortSignal.any([options.signal, timeout]);
    try {
      const answer = await this.send(url, options, signal);
      const bodiless = isBodiless(options.method ?? 'GET', answer.statusCode);
      const body = bodiless ? await noBody(answer) : await readBody(answer, options.maxResponseBytes);
      return { status: answer.statusCode, headers: plainHeaders(answer), body, url: answer.url.href };
    } catch (error) {
      if (options.signal.aborted) throw options.signal.reason;
      throw timeout.aborted ? timedOut(options.timeoutMs ?? TIMEOUT_MS, error) : asAppError(error);
    }
  }

  /** Ends all connections, those in use too: who still waits has been told to stop before. */
  async close(): Promise<void> {
    const pools = [...Object.values(this.pools), ...this.hurriedPools.values()];
    await Promise.all(pools.map(({ agent }) => agent.destroy()));
  }

  private pool(trust: Trust, connectMs?: number): Pool {
    const agent = outboundAgent(this.guard, trust, this.lookup, connectMs);
    return { agent, fetch: outboundFetch(agent, this.guard, trust) };
  }

  private send(url: string, { trust, method = 'GET', headers, body }: OutboundRequest, signal: AbortSignal) {
    return exchange(this.pools[trust].agent, this.guard, trust, url, {
      method,
      headers: { 'accept-encoding': ACCEPTED_ENCODINGS, ...headers },
      signal,
      ...(body === undefined ? {} : { body }),
    });
  }
}

async function noBody(answer: Answer): Promise<Buffer> {
  await discard(answer);
  return Buffer.alloc(0);
}

async function readBody({ headers, body }: Answer, maxBytes = MAX_RESPONSE_BYTES): Promise<Buffer> {
  const { 'content-encoding': encoding, 'content-length': length } = headers;
  if (Number(length) > maxBytes) {
    body.abort();
    throw tooLarge(maxBytes);
  }
  if (typeof encoding !== 'string') return body.bytes(maxBytes);
  return readAtMost(decoded(Readable.from(body), encoding), maxBytes);
}

/** Cookies are dropped: the client keeps no sessions, and nobody downstream should see one. */
function plainHeaders({ headers }: Answer): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && name !== 'set-cookie') plain[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}

function timedOut(timeoutMs: number, cause: unknown): TimeoutError {
  return new TimeoutError('outbound_timeout', `The server did not answer within ${timeoutMs} ms`, { cause });
}

function asAppError(error: unknown): AppError {
  if (AppError.is(error)) return error;
  if ((error as { code?: string }).code === 'UND_ERR_INVALID_ARG') {
    return new ValidationError('The request cannot be sent: its method or a header is not valid HTTP');
  }
  const message = 'The server cannot be reached, or broke off its answer';
  return new UpstreamError('outbound_failed', message, { cause: error });
}
