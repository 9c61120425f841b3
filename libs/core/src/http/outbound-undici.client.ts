import { Readable } from 'node:stream';
import type { Agent, Dispatcher } from 'undici';
import { AppError, TimeoutError, UpstreamError, ValidationError } from '@guildhall/sdk';
import { ACCEPTED_ENCODINGS, decoded, isBodiless, readAtMost, tooLarge } from './outbound-body.js';
import { CONNECTIONS, CONNECT_TIMEOUT_MS, type Lookup, MODEL_CONNECTIONS, outboundAgent } from './outbound-agent.js';
import { outboundFetch } from './outbound-fetch.js';
import type { OutboundGuard, Trust } from './outbound-guard.js';
import { type Answer, discard, exchange } from './outbound-redirects.js';
import { type FetchOptions, OutboundClient, type OutboundRequest, type OutboundResponse } from './outbound.client.js';

const TIMEOUT_MS = 30_000;
const MAX_RESPONSE_BYTES = 10 * 1024 * 1024;
/** Connect limits are rounded up to steps of this, so that there are few pools. */
const CONNECT_STEP_MS = 100;

/** `OutboundClient` over undici. */
export class UndiciOutboundClient extends OutboundClient {
  private readonly agents: Readonly<Record<Trust, Agent>>;
  private readonly modelAgents = new Map<string, Agent>();

  constructor(
    private readonly guard: OutboundGuard,
    private readonly lookup?: Lookup,
  ) {
    super();
    const options = { connections: CONNECTIONS, lookup };
    this.agents = {
      tenant: outboundAgent(guard, 'tenant', options),
      operator: outboundAgent(guard, 'operator', options),
    };
  }

  get dispatcher(): Dispatcher {
    return this.modelAgent('operator');
  }

  fetch(trust: Trust, { connectMs, judge }: FetchOptions = {}): typeof globalThis.fetch {
    return outboundFetch(this.modelAgent(trust, connectMs), this.guard, trust, judge);
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
    const agents = [...Object.values(this.agents), ...this.modelAgents.values()];
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  private modelAgent(trust: Trust, connectMs: number = CONNECT_TIMEOUT_MS): Agent {
    const limit = Math.min(Math.ceil(connectMs / CONNECT_STEP_MS) * CONNECT_STEP_MS, CONNECT_TIMEOUT_MS);
    const key = `${trust} ${limit}`;
    const options = { connections: MODEL_CONNECTIONS, connectMs: limit, lookup: this.lookup };
    const agent = this.modelAgents.get(key) ?? outboundAgent(this.guard, trust, options);
    this.modelAgents.set(key, agent);
    return agent;
  }

  private send(url: string, { trust, method = 'GET', headers, body }: OutboundRequest, signal: AbortSignal) {
    return exchange(this.agents[trust], this.guard, trust, url, {
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
