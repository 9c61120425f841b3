import { type AppErrorOptions, AppError, type ErrorDetail } from '@guildhall/sdk';
import { knownCategory } from '@guildhall/core';

interface ToldFailure {
  readonly code: string;
  readonly category: string;
  readonly message: string;
  readonly retryable?: boolean;
  readonly details?: readonly ErrorDetail[];
}

/** What proxies say while the server behind them is busy or away. */
const PASSING = new Set([429, 502, 503, 504]);

/** What a server answered instead of success, in its own words where the answer is one of Guildhall's. */
export function failureOf(response: Pick<Response, 'status' | 'url' | 'headers'>, body: string): AppError {
  const { status, url, headers } = response;
  const seconds = headers.get('retry-after') ?? '';
  const wait: AppErrorOptions = /^\d{1,6}$/.test(seconds) ? { retryAfterMs: Number(seconds) * 1000 } : {};
  const told = read(body);
  if (told === undefined) {
    const message = `${new URL(url).origin} answered ${status}, and not as a Guildhall does: look at --url`;
    const passes = PASSING.has(status);
    return new AppError(passes ? 'unavailable' : 'upstream', 'unexpected_answer', message, {
      retryable: passes,
      ...wait,
    });
  }
  const category = knownCategory(told.category);
  const faults = (told.details ?? []).map(({ path, message }) => `\n  ${path}: ${message}`).join('');
  const remedy = category === 'authentication' ? ' (here: --key, or GUILDHALL_API_KEY)' : '';
  const options = { retryable: told.retryable === true, ...wait };
  return new AppError(category, told.code, `${told.message}${remedy}${faults}`, options);
}

function read(body: string): ToldFailure | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: Partial<ToldFailure> };
    return error?.code !== undefined && error.message !== undefined ? (error as ToldFailure) : undefined;
  } catch {
    return undefined;
  }
}
