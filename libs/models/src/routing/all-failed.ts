import { type AppError, UnavailableError } from '@guildhall/sdk';

/** No provider answered: one reason for each, in our words. */
export function allProvidersFailed(failures: ReadonlyMap<string, AppError>): AppError {
  const reasons = [...failures.values()];
  // Where the request itself is what none of them takes, that is the answer.
  const first = reasons[0];
  if (first && reasons.every(({ category }) => category === 'validation')) return first;
  const waits = reasons.flatMap(({ retryAfterMs }) => (retryAfterMs === undefined ? [] : [retryAfterMs]));
  return new UnavailableError(
    'all_providers_failed',
    'No model provider could answer; see details for the reason of each',
    {
      retryable: reasons.some(({ retryable }) => retryable),
      details: [...failures].map(([id, { code, message }]) => ({ path: `providers.${id}`, code, message })),
      ...(waits.length === reasons.length && waits.length > 0 ? { retryAfterMs: Math.min(...waits) } : {}),
    },
  );
}
