import { Injectable } from '@nestjs/common';
import { Database } from '@guildhall/core';
import type { CallAttribution, ProviderConfig, RequestContext } from '@guildhall/sdk';
import { type Limit, providerLimit } from './budget.js';
import { BudgetRepository } from './budget.repository.js';

const MAX_TENANTS = 1000;
const NONE: readonly Limit[] = [];

/** The budgets of each tenant, kept in memory: every model call asks for them, and most tenants have none. */
@Injectable()
export class BudgetDirectory {
  private readonly tenants = new Map<string, Promise<readonly Limit[]>>();

  constructor(
    private readonly database: Database,
    private readonly repository: BudgetRepository,
  ) {}

  /** Every limit that a call of this tenant to this provider must keep. */
  async applying(
    ctx: RequestContext,
    { id, budgetMicroUsdPerDay: own }: Pick<ProviderConfig, 'id' | 'budgetMicroUsdPerDay'>,
    attribution: CallAttribution,
  ): Promise<readonly Limit[]> {
    const all = await this.list(ctx);
    const applying = all.length === 0 ? NONE : all.filter((limit) => applies(limit, id, attribution));
    return own === undefined ? applying : [...applying, providerLimit(id, own)];
  }

  list(ctx: RequestContext): Promise<readonly Limit[]> {
    const known = this.tenants.get(ctx.tenantId);
    if (known) return known;
    if (this.tenants.size >= MAX_TENANTS) this.tenants.clear();
    const loading = this.repository.all(this.database.manager, ctx);
    this.tenants.set(ctx.tenantId, loading);
    loading.catch(() => {
      if (this.tenants.get(ctx.tenantId) === loading) this.tenants.delete(ctx.tenantId);
    });
    return loading;
  }

  /** They changed: whoever asks next reads them anew. */
  refresh(tenantId: string): void {
    this.tenants.delete(tenantId);
  }

  refreshAll(): void {
    this.tenants.clear();
  }
}

function applies({ scope, scopeId }: Limit, providerId: string, { agentId, userId }: CallAttribution): boolean {
  switch (scope) {
    case 'tenant':
      return true;
    case 'provider':
      return scopeId === providerId;
    case 'agent':
      return scopeId === agentId;
    case 'user':
      return scopeId === userId;
  }
}
