import { AppError } from '@guildhall/sdk';
import type { StoredError } from '../run.js';

const MAX_DETAILS = 20;

/** What may be kept and shown of a failure: an error of ours in its own words, any other as a fault of ours. */
export function toStoredError(error: unknown): StoredError {
  if (!AppError.is(error)) {
    const message = 'Something went wrong on our side; the log of this run says more';
    return { code: 'internal_error', category: 'internal', message, retryable: false };
  }
  const { code, category, message, retryable, provider, details = [] } = error;
  return {
    code,
    category,
    message,
    retryable,
    ...(provider === undefined ? {} : { provider }),
    ...(details.length === 0 ? {} : { details: details.slice(0, MAX_DETAILS) }),
  };
}

/** The recorded failure, thrown again when its step is replayed. */
export function fromStoredError({ category, code, message, ...options }: StoredError): AppError {
  return new AppError(category, code, message, options);
}
