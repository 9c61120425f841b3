import { Inject, Injectable } from '@nestjs/common';
import { Audit, Database, Vault, isSystemAdministrator } from '@guildhall/core';
import { ConflictError, NotFoundError, type RequestContext, ValidationError } from '@guildhall/sdk';
import { Accounts } from './accounting/accounts.js';
import { CLOCK, type Clock } from './clock.js';
import type { ModelDto, ProviderDto, ProviderTestDto, RankingRowDto } from './provider-view.dto.js';
import { toModelDtos, toProviderDto } from './provider-view.js';
import type { CreateProviderDto } from './provider.dto.js';
import { apiKeyPlace } from './registry/api-key-place.js';
import type { ConfiguredProvider } from './registry/configured-provider.js';
import { KNOWN_VENDORS } from './registry/known-vendors.js';
import { ProviderRegistry } from './registry/provider-registry.js';
import { ProviderRepository } from './registry/provider.repository.js';
import { StoredProviders } from './registry/stored-providers.js';
import { Connections } from './routing/connections.js';
import { Routes } from './routing/route.js';
import { tryProvider } from './routing/try-provider.js';

@Injectable()
export class ProviderService {
  constructor(
    private readonly database: Database,
    private readonly repository: ProviderRepository,
    private readonly stored: StoredProviders,
    private readonly registry: ProviderRegistry,
    private readonly connections: Connections,
    private readonly routes: Routes,
    private readonly vault: Vault,
    private readonly audit: Audit,
    readonly accounts: Accounts,
    @Inject(CLOCK) readonly clock: Clock,
  ) {}

  async list(ctx: RequestContext): Promise<ProviderDto[]> {
    return (await this.registry.list(ctx)).map((provider) => this.view(provider));
  }

  async models(ctx: RequestContext): Promise<ModelDto[]> {
    return (await this.list(ctx)).flatMap(toModelDtos);
  }

  async get(ctx: RequestContext, id: string): Promise<ProviderDto> {
    return this.view(await this.configured(ctx, id));
  }

  async create(ctx: RequestContext, body: CreateProviderDto): Promise<ProviderDto> {
    const baseUrl = this.checkedBaseUrl(body);
    const { id, kind, apiKey, priority, models, budgetMicroUsdPerDay = null, timeouts = {} } = body;
    await this.database.transaction(ctx, async (tx) => {
      const row = {
        id,
        kind,
        base_url: baseUrl,
        sealed_api_key: apiKey === undefined ? null : this.vault.seal(ctx, apiKeyPlace(id), apiKey),
        // Only the operator's own addresses may lead into the operator's network.
        trust: isSystemAdministrator(ctx) ? ('operator' as const) : ('tenant' as const),
        priority,
        models,
        budget_micro_usd_per_day: budgetMicroUsdPerDay,
        timeouts,
      };
      if (!(await this.repository.insert(ctx, tx, row))) {
        throw new ConflictError('duplicate_record', `There is a provider '${id}' already; remove it first`);
      }
      await this.audit.record(ctx, tx, 'provider.created', { id, detail: { kind } });
    });
    this.stored.forget(ctx.tenantId);
    return this.get(ctx, id);
  }

  async remove(ctx: RequestContext, id: string): Promise<void> {
    const { source } = await this.configured(ctx, id);
    if (source !== 'stored') {
      const message = `Provider '${id}' is configured by the operator and cannot be removed here`;
      throw new ConflictError('conflict', message);
    }
    await this.database.transaction(ctx, async (tx) => {
      if (!(await this.repository.remove(ctx, tx, id))) throw new NotFoundError('provider', id);
      await this.audit.record(ctx, tx, 'provider.removed', { id });
    });
    this.stored.forget(ctx.tenantId);
  }

  async ranking(ctx: RequestContext): Promise<RankingRowDto[]> {
    const ranked = await this.routes.ranked(ctx);
    return ranked.map(({ provider, model = null, score, parts, state }) => ({
      provider,
      model,
      score,
      parts,
      weights: this.routes.weights,
      state,
    }));
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
    return toProviderDto(provider, handler, this.connections.unavailable(provider));
  }

  /** The address to store. Throws for a kind that nobody brings, and where an address is needed. */
  private checkedBaseUrl({ kind, baseUrl }: CreateProviderDto): string {
    const kinds = this.connections.kinds().filter((known) => known !== 'builtin');
    if (!kinds.includes(kind)) throw invalid('kind', `kind must be one of: ${kinds.join(', ')}`);
    const known =
      baseUrl ?? KNOWN_VENDORS.find((vendor) => vendor.kind === kind && kind !== 'openai-compatible')?.baseUrl;
    if (known === undefined) throw invalid('baseUrl', `A provider of kind '${kind}' needs a baseUrl`);
    return known;
  }
}

function invalid(path: string, message: string): ValidationError {
  return new ValidationError(message, [{ path, code: 'invalid_value', message }]);
}
