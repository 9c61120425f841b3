import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryOptions {
  /** Which errors are worth another try. */
  readonly retryable: (error: unknown) => boolean;
  /** Ends the waiting; the error of the last attempt is thrown. */
  readonly signal: AbortSignal;
  /** Attempts in all. Default 3. */
  readonly attempts?: number;
  readonly onRetry?: (error: unknown, attempt: number) => void;
  /** How long to wait after attempt n, counted from 0, which failed with the error, in ms. Default 2^n seconds, give or take a quarter. */
  readonly delayMs?: (attempt: number, error: unknown) => number;
}

/** Runs repeatable `work` again while its error promises that another try may succeed. */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { retryable, signal, attempts = 3, onRetry, delayMs = exponential } = options;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt + 1 >= attempts || signal.aborted || !retryable(error)) throw error;
      onRetry?.(error, attempt + 1);
      try {
        await sleep(delayMs(attempt, error), undefined, { signal });
      } catch {
        throw error;
      }
    }
  }
}

/** The jitter keeps many that failed together from coming back together. */
export function exponential(attempt: number): number {
  return 2 ** attempt * 1000 * (0.75 + Math.random() / 2);
}
