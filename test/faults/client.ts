import { setTimeout as sleep } from 'node:timers/promises';

export const KEY = 'gh_dev_local';
const ATTEMPT_LIMIT_MS = 15_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly ms: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers have every shape
  readonly body: any;
}

export interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly limitMs?: number;
}

/** One request, no retries. Throws when no answer comes. */
export async function send(method: string, url: string, options: RequestOptions = {}): Promise<Answer> {
  const { body, headers, key = KEY, limitMs = ATTEMPT_LIMIT_MS } = options;
  const from = performance.now();
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(limitMs),
  });
  const text = await response.text();
  const parsed: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, ms: performance.now() - from, body: parsed };
}

/** Keeps asking while nobody answers or the answer is to come back later, as clients should. */
export async function sendPatiently(
  method: string,
  urlOf: () => string,
  options: RequestOptions & { readonly patienceMs?: number; readonly onAnswer?: (answer: Answer) => void } = {},
): Promise<Answer> {
  const { patienceMs = 60_000, onAnswer, ...request } = options;
  const deadline = performance.now() + patienceMs;
  for (;;) {
    let reason: unknown;
    try {
      const answer = await send(method, urlOf(), request);
      onAnswer?.(answer);
      if (answer.status < 500 && !(answer.status === 409 && answer.body?.error?.code === 'idempotency_in_progress')) {
        return answer;
      }
      reason = JSON.stringify(answer.body);
    } catch (error) {
      reason = error;
    }
    if (performance.now() > deadline)
      throw new Error(`No answer within ${patienceMs} ms: ${method} ${urlOf()}`, { cause: reason });
    await sleep(50 + Math.random() * 150);
  }
}
