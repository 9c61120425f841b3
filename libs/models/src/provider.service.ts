import { Inject, Injectable } from '@nestjs/common';
import { NotFoundError, type RequestContext } from '@guildhall/sdk';
import { Accounts } from './accounting/accounts.js';
import { BudgetService } from './accounting/budgets/budget.service.js';
import { CLOCK, type Clock } from './clock.js';
import type { ModelDto, ProviderDto, ProviderTestDto, RankingRowDto } from './provider-view.dto.js';
import { toModelDtos, toProviderDto } from './provider-view.js';
import type { ConfiguredProvider } from './registry/configured-provider.js';
import { ProviderRegistry } from './registry/provider-registry.js';
import { Connections } from './routing/connections.js';
import { Routes } from './routing/route.js';
import { tryProvider } from './routing/try-provider.js';

@Injectable()
export class ProviderService {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly connections: Connections,
    private readonly routes: Routes,
    private readonly budgets: BudgetService,
    readonly accounts: Accounts,
    @Inject(CLOCK) readonly clock: Clock,
  ) {}

  async list(ctx: RequestContext): Promise<ProviderDto[]> {
    return (await this.registry.list(ctx)).map((provider) => this.view(provider));
  }

  async models(ctx: RequestContext): Promise<ModelDto[]> {
    return (await this.list(ctx)).flatMap(toModelDtos);
  }

  /** With what `If-Match` wants to see, where it can be changed. */
  async get(ctx: RequestContext, id: string): Promise<{ provider: ProviderDto; revision?: string }> {
    const found = await this.configured(ctx, id);
    return { provider: this.view(found), ...(found.revision === undefined ? {} : { revision: found.revision }) };
  }

  async ranking(ctx: RequestContext): Promise<RankingRowDto[]> {
    const ranked = await this.routes.ranked(ctx);
    const configs = ranked.map(({ connection }) => connection.config);
    const exhausted = await this.budgets.exhausted(ctx, configs);
    return ranked.map(({ connection, provider, model = null, score, parts, state }) => ({
      provider,
      model,
      score,
      parts,
      weights: this.routes.weights,
      state,
      verified: connection.standing.isProven,
      withinBudget: !exhausted.has(provider),
    }));
  }

  /** Finds out whether it answers, where that is not known and costs nothing. */
  async look(ctx: RequestContext, id: string): Promise<void> {
    const provider = await this.configured(ctx, id);
    if (this.connections.unavailable(provider) === undefined) await this.connections.connect(provider).look();
  }

  async test(ctx: RequestContext, id: string): Promise<ProviderTestDto> {
    const provider = await this.configured(ctx, id);
    const message = this.connections.unavailable(provider);
    if (message !== undefined) {
      return { ok: false, provider: id, model: null, latencyMs: 0, error: { code: 'provider_unavailable', message } };
    }
    return tryProvider(ctx, this.connections.connect(provider), this);
  }

  private async configured(ctx: RequestContext, id: string): Promise<ConfiguredProvider> {
    const found = await this.registry.find(ctx, id);
    if (!found) throw new NotFoundError('provider', id);
    return found;
  }

  private view(provider: ConfiguredProvider): ProviderDto {
    const handler = this.connections.handler(provider.config.kind);
    const unavailable = this.connections.unavailable(provider);
    const breaker = this.connections.find(provider.config)?.state;
    return toProviderDto(provider, handler, { unavailable, breaker });
  }
}
