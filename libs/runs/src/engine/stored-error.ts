import { AppError } from '@guildhall/sdk';
import type { StoredError } from '../run.js';

/** What may be kept and shown of a failure: an error of ours in its own words, any other as a fault of ours. */
export function toStoredError(error: unknown): StoredError {
  if (!AppError.is(error)) {
    const message = 'Something went wrong on our side; the log of this run says more';
    return { code: 'internal_error', category: 'internal', message, retryable: false };
  }
  const { code, category, message, retryable, provider } = error;
  return { code, category, message, retryable, ...(provider === undefined ? {} : { provider }) };
}

/** The recorded failure, thrown again when its step is replayed. */
export function fromStoredError({ category, code, message, retryable, provider }: StoredError): AppError {
  return new AppError(category, code, message, { retryable, ...(provider === undefined ? {} : { provider }) });
}
