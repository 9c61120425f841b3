import { Inject, Injectable, Optional } from '@nestjs/common';
import { Audit, Cursors, Database, Page, type PageQuery, type Revisions, isStale, newId } from '@guildhall/core';
import {
  AGENT_CATALOG,
  type AgentCatalog,
  ConflictError,
  NotFoundError,
  type ProviderConfig,
  type RequestContext,
  ValidationError,
} from '@guildhall/sdk';
import { ProviderRegistry } from '../../registry/provider-registry.js';
import type { Balance } from './admit.js';
import { BudgetDirectory } from './budget-directory.js';
import { BudgetLedger } from './budget-ledger.js';
import { type BoundLimit, windowOf } from './budget-window.js';
import { type BudgetDto, type CreateBudgetDto, type UpdateBudgetDto, toBudgetDto } from './budget.dto.js';
import { type Budget, type Limit, providerLimit } from './budget.js';
import { BudgetRepository } from './budget.repository.js';

const NOTHING: Balance = { spent: 0, reserved: 0 };

/** A budget as shown, with the revision for its ETag. */
export interface ShownBudget {
  readonly dto: BudgetDto;
  readonly revision: number;
}

@Injectable()
export class BudgetService {
  constructor(
    private readonly database: Database,
    private readonly budgets: BudgetRepository,
    private readonly directory: BudgetDirectory,
    private readonly ledger: BudgetLedger,
    private readonly providers: ProviderRegistry,
    private readonly audit: Audit,
    private readonly cursors: Cursors,
    @Optional() @Inject(AGENT_CATALOG) private readonly agents?: AgentCatalog,
  ) {}

  async create(ctx: RequestContext, body: CreateBudgetDto): Promise<ShownBudget> {
    const { name = null, scope, scopeId = null, period, limitMicroUsd, hard } = body;
    await this.checkScope(ctx, body);
    const limit: Limit = { id: newId('bud'), name, scope, scopeId, period, limitMicroUsd, hard };
    const budget = await this.database.transaction(ctx, async (tx) => {
      const made = await this.budgets.insert(tx, ctx, limit);
      await this.audit.record(ctx, tx, 'budget.created', { id: limit.id, detail: { ...limit } });
      return made;
    });
    this.directory.refresh(ctx.tenantId);
    return this.shown(ctx, budget);
  }

  async list(ctx: RequestContext, query: PageQuery): Promise<Page<BudgetDto>> {
    const { manager } = this.database;
    const rows = await this.budgets.list(manager, ctx, this.cursors.read(ctx, 'budgets', query));
    const total = query.total ? await this.budgets.count(manager, ctx) : undefined;
    const page = this.cursors.page(ctx, 'budgets', query, rows, {}, total);
    const now = Date.now();
    const balances = await this.balances(ctx, page.items, now);
    return page.map((budget) => toBudgetDto(budget, windowOf(budget.period, now), balances.get(budget.id) ?? NOTHING));
  }

  async get(ctx: RequestContext, id: string): Promise<ShownBudget> {
    return this.shown(ctx, await this.found(ctx, id));
  }

  async update(ctx: RequestContext, id: string, body: UpdateBudgetDto, revisions?: Revisions): Promise<ShownBudget> {
    const before = await this.found(ctx, id);
    refuseStale(before, revisions);
    const { name = before.name, limitMicroUsd = before.limitMicroUsd, hard = before.hard } = body;
    const change = { id, revision: before.revision, name, limitMicroUsd, hard };
    const changed = await this.database.transaction(ctx, async (tx) => {
      const budget = await this.budgets.change(tx, ctx, change);
      if (!budget) throw changedMeanwhile(id);
      await this.audit.record(ctx, tx, 'budget.updated', { id, detail: { ...body } });
      return budget;
    });
    this.directory.refresh(ctx.tenantId);
    return this.shown(ctx, changed);
  }

  async remove(ctx: RequestContext, id: string, revisions?: Revisions): Promise<void> {
    const before = await this.found(ctx, id);
    refuseStale(before, revisions);
    await this.database.transaction(ctx, async (tx) => {
      if (!(await this.budgets.remove(tx, ctx, id, before.revision))) throw changedMeanwhile(id);
      await this.audit.record(ctx, tx, 'budget.removed', { id });
    });
    this.directory.refresh(ctx.tenantId);
  }

  /** Of these providers, those that are not asked because a budget of theirs is used up. */
  async exhausted(
    ctx: RequestContext,
    configs: readonly Pick<ProviderConfig, 'id' | 'budgetMicroUsdPerDay'>[],
  ): Promise<ReadonlySet<string>> {
    const budgets = (await this.directory.list(ctx)).filter(({ scope, hard }) => scope === 'provider' && hard);
    const own = configs.flatMap(({ id, budgetMicroUsdPerDay: most }) =>
      most === undefined ? [] : [providerLimit(id, most)],
    );
    const limits = [...budgets, ...own];
    if (limits.length === 0) return new Set();
    const balances = await this.balances(ctx, limits, Date.now());
    const spent = limits.filter(({ id, limitMicroUsd }) => (balances.get(id) ?? NOTHING).spent >= limitMicroUsd);
    return new Set(spent.map(({ scopeId }) => scopeId!));
  }

  private async shown(ctx: RequestContext, budget: Budget): Promise<ShownBudget> {
    const now = Date.now();
    const balance = (await this.balances(ctx, [budget], now)).get(budget.id) ?? NOTHING;
    return { dto: toBudgetDto(budget, windowOf(budget.period, now), balance), revision: budget.revision };
  }

  private async balances(ctx: RequestContext, limits: readonly Limit[], now: number): Promise<Map<string, Balance>> {
    // What this process has settled is to be seen.
    await this.ledger.settled();
    const { tenantId } = ctx;
    const bound: BoundLimit[] = limits.map((limit) => ({ tenantId, limit, window: windowOf(limit.period, now) }));
    return this.budgets.balances(this.database.manager, ctx, bound);
  }

  private async found(ctx: RequestContext, id: string): Promise<Budget> {
    const budget = await this.budgets.find(this.database.manager, ctx, id);
    if (!budget) throw new NotFoundError('budget', id);
    return budget;
  }

  private async checkScope(ctx: RequestContext, { scope, scopeId }: CreateBudgetDto): Promise<void> {
    if (scope === 'tenant') {
      if (scopeId === undefined) return;
      throw invalid('scopeId', 'A budget of the whole tenant has no scopeId: leave it out, or choose another scope');
    }
    if (scopeId === undefined) throw invalid('scopeId', `Say which ${scope} the budget is for`);
    if (scope === 'agent') return this.checkAgent(ctx, scopeId);
    if (scope !== 'provider' || (await this.providers.find(ctx, scopeId))) return;
    const ids = (await this.providers.list(ctx)).map(({ config }) => config.id).toSorted();
    throw invalid('scopeId', `There is no provider '${scopeId}'; there are: ${ids.join(', ')}`, 'invalid_reference');
  }

  private async checkAgent(ctx: RequestContext, id: string): Promise<void> {
    const missing = await this.agents?.missing(ctx, [id]);
    if (missing?.length === 0) return;
    throw invalid('scopeId', `No agent with id '${id}': GET /api/v1/agents lists yours`, 'invalid_reference');
  }
}

function refuseStale({ id, revision }: Budget, named: Revisions): void {
  if (isStale(String(revision), named)) throw changedMeanwhile(id);
}

function changedMeanwhile(id: string): ConflictError {
  const message = `The budget '${id}' was changed in the meantime: read it again, then repeat with its ETag`;
  return new ConflictError('precondition_failed', message);
}

function invalid(path: string, message: string, code = 'invalid_value'): ValidationError {
  return new ValidationError(message, [{ path, code, message }], code === 'invalid_value' ? undefined : code);
}
