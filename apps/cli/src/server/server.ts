import { AppError, UnavailableError } from '@guildhall/sdk';
import { failureOf } from './failure.js';

/** The longest of what is awaited: a file of 50 MiB on its way over a slow line. */
const LIMIT_MS = 10 * 60_000;

export interface ServerRequest {
  readonly method?: 'GET' | 'POST';
  /** JSON, or a form. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface ServerAnswer<T> {
  readonly status: number;
  readonly data: T;
}

interface Envelope<T> {
  readonly data: T;
  readonly meta: { readonly pagination?: { readonly nextCursor?: string | null } };
}

/** A running Guildhall, by its public API. What goes wrong is an `AppError` with the server's own words. */
export class Server {
  constructor(
    readonly url: string,
    private readonly key: string | undefined,
  ) {}

  /** `path` is what follows `/api/v1`. */
  async call<T>(path: string, request: ServerRequest = {}): Promise<ServerAnswer<T>> {
    const signal = AbortSignal.any([AbortSignal.timeout(LIMIT_MS), ...(request.signal ? [request.signal] : [])]);
    const response = await this.send(path, { ...request, signal });
    const { data } = (await this.reached(response.json(), signal)) as Envelope<T>;
    return { status: response.status, data };
  }

  /** Every item of a list, page by page. */
  async all<T>(path: string): Promise<readonly T[]> {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const items: T[] = [];
    let cursor: string | null | undefined = undefined;
    do {
      const query = new URLSearchParams({ limit: '100', ...(cursor ? { cursor } : {}) });
      const response = await this.send(`${path}?${query}`, { signal });
      const { data, meta } = (await this.reached(response.json(), signal)) as Envelope<readonly T[]>;
      items.push(...data);
      cursor = meta.pagination?.nextCursor;
    } while (cursor);
    return items;
  }

  /** The answer, when it is one of success; its body is the caller's to read. */
  async send(path: string, { method = 'GET', body, headers, signal }: ServerRequest): Promise<Response> {
    const isForm = body instanceof FormData;
    const response = await this.reached(
      fetch(`${this.url.replace(/\/+$/, '')}/api/v1${path}`, {
        method,
        headers: {
          ...(this.key === undefined ? {} : { authorization: `Bearer ${this.key}` }),
          ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: isForm ? body : JSON.stringify(body),
        signal,
      }),
      signal,
    );
    if (response.ok) return response;
    throw failureOf(response, await response.text().catch(() => ''));
  }

  private async reached<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (AppError.is(error) || signal?.aborted) throw error;
      const { code = 'no answer' } = ((error as Error).cause ?? error) as { code?: string };
      const message = `No Guildhall answers at ${this.url} (${code}); start one with "npm start", or say where it is with --url`;
      throw new UnavailableError('server_unreachable', message, { cause: error });
    }
  }
}
