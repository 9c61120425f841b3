import { CircuitOpenError } from '@guildhall/core';
import { AppError } from '@guildhall/sdk';
import { BudgetExceededError } from '../accounting/budgets/budget-exceeded.error.js';

/** A request that the vendor rightly refused, or that was cancelled, says nothing about the vendor. */
export function isProvidersFault(error: unknown): boolean {
  if (!AppError.is(error)) return (error as Error | undefined)?.name !== 'AbortError';
  return error.category !== 'cancelled' && error.category !== 'validation' && error.code !== 'provider_refused';
}

/** Not called at all: it wants to be left alone for now, or has as many calls as it takes. */
export class EndpointBusyError extends AppError {
  constructor(provider: string, waitMs: number) {
    const message = `Provider '${provider}' takes no more requests for now`;
    super('rate_limit', 'rate_limited', message, { provider, retryable: true, retryAfterMs: Math.ceil(waitMs) });
  }
}

/** It was our own decision not to call. */
export function wasNotCalled(error: unknown): boolean {
  return (
    error instanceof CircuitOpenError || error instanceof EndpointBusyError || error instanceof BudgetExceededError
  );
}

export function isRateLimit(error: unknown): boolean {
  return AppError.is(error) && error.category === 'rate_limit';
}

/** 401, 402, 403 and 429: another key may fare better at the same address. */
export function isKeysFault(error: unknown): boolean {
  if (isRateLimit(error)) return true;
  return AppError.is(error) && error.code === 'provider_unavailable' && !error.retryable && !wasNotCalled(error);
}
