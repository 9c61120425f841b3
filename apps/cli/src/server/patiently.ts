import { exponential, retry } from '@guildhall/core';
import { AppError } from '@guildhall/sdk';

const ATTEMPTS = 8;
const LONGEST_PAUSE_MS = 30_000;

/** A busy server says when to come back; one that is being restarted says nothing for a while. `work` can be repeated. */
export function patiently<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return retry(work, {
    signal,
    attempts: ATTEMPTS,
    retryable: (error) => AppError.is(error) && error.retryable,
    delayMs: (attempt, error) => (AppError.is(error) ? error.retryAfterMs : undefined) ?? shortened(attempt),
  });
}

const shortened = (attempt: number): number => Math.min(exponential(attempt), LONGEST_PAUSE_MS);
