import { AppError } from '@guildhall/sdk';

/** How a call to a vendor ended, in few enough words for a metric. */
export type CallOutcome =
  'succeeded' | 'cancelled' | 'rate_limited' | 'timed_out' | 'unavailable' | 'malformed' | 'refused' | 'failed';

const BY_CODE: ReadonlyMap<string, CallOutcome> = new Map(
  Object.entries<CallOutcome>({
    provider_unavailable: 'unavailable',
    provider_malformed_reply: 'malformed',
    provider_refused: 'refused',
    provider_timeout: 'timed_out',
    rate_limited: 'rate_limited',
  }),
);

const BY_CATEGORY: Readonly<Partial<Record<AppError['category'], CallOutcome>>> = {
  cancelled: 'cancelled',
  timeout: 'timed_out',
  rate_limit: 'rate_limited',
  validation: 'refused',
  not_found: 'refused',
};

export function outcomeOf(error: unknown): CallOutcome {
  if (!AppError.is(error)) return 'failed';
  return BY_CODE.get(error.code) ?? BY_CATEGORY[error.category] ?? 'failed';
}

/** What became of a request after all who could answer were asked. */
export type RequestOutcome = 'succeeded' | 'cancelled' | 'rejected' | 'failed';

/** What the caller asked for and nobody can do, or may not have, is no failure of the service. */
export function requestOutcomeOf(error: unknown): RequestOutcome {
  if (!AppError.is(error)) return 'failed';
  if (error.category === 'cancelled') return 'cancelled';
  const isOurs = ['upstream', 'unavailable', 'timeout', 'rate_limit', 'internal'].includes(error.category);
  return isOurs && error.code !== 'provider_refused' ? 'failed' : 'rejected';
}
