import { AppError } from '@guildhall/sdk';
import type { BudgetScope } from './budget.js';
import type { BoundLimit } from './budget-window.js';

const UNITS = { day: ' a day', month: ' a month', total: ' in all' } as const;

/** A budget refused a call before it was made. */
export class BudgetExceededError extends AppError {
  readonly scope: BudgetScope;

  constructor({ limit, window }: BoundLimit, now: number) {
    const { scope, scopeId, limitMicroUsd, period } = limit;
    const until = window.endsAt === undefined ? '' : ` until ${new Date(window.endsAt).toISOString()}`;
    const message = `Cost limit exceeded: ${nameOf(limit)} of ${limitMicroUsd} micro-USD${UNITS[period]} is used up${until}`;
    super('rate_limit', 'budget_exceeded', message, {
      retryable: window.endsAt !== undefined,
      ...(window.endsAt === undefined ? {} : { retryAfterMs: Math.max(1000, window.endsAt - now) }),
      ...(scope === 'provider' && scopeId !== null ? { provider: scopeId } : {}),
    });
    this.scope = scope;
  }
}

function nameOf({ id, name, scope, scopeId }: BoundLimit['limit']): string {
  const whose = scopeId === null ? 'of the tenant' : `of ${scope} '${scopeId}'`;
  if (id.startsWith('provider:')) return `the budget ${whose}`;
  return `the budget '${name ?? id}' ${whose}`;
}
