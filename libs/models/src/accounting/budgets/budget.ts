export const BUDGET_SCOPES = ['tenant', 'agent', 'provider', 'user'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];
export const BUDGET_PERIODS = ['day', 'month', 'total'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** A limit on what model calls may cost: a budget, or the daily limit in a provider's own configuration. */
export interface Limit {
  readonly id: string;
  readonly name: string | null;
  readonly scope: BudgetScope;
  /** Null for the whole tenant. */
  readonly scopeId: string | null;
  readonly period: BudgetPeriod;
  readonly limitMicroUsd: number;
  /** A soft one refuses nothing: it tells when it is exceeded. */
  readonly hard: boolean;
}

export interface Budget extends Limit {
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a provider's own configuration allows it. */
export function providerLimit(providerId: string, limitMicroUsd: number): Limit {
  const id = `provider:${providerId}`;
  return { id, name: null, scope: 'provider', scopeId: providerId, period: 'day', limitMicroUsd, hard: true };
}
