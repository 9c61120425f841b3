import { Injectable } from '@nestjs/common';
import { Database, Vault } from '@guildhall/core';
import { AppError, type RequestContext } from '@guildhall/sdk';
import type { ConfiguredProvider } from './configured-provider.js';
import { type ProviderRow, ProviderRepository } from './provider.repository.js';
import { apiKeyPlace } from './api-key-place.js';

const MAX_TENANTS = 1000;

/**
 * The providers of each tenant, kept in memory: every model call needs them. A change in any process is announced by the
 * database; the objects stay the same until then, and with them the connections and measurements that hang on them.
 */
@Injectable()
export class StoredProviders {
  private readonly tenants = new Map<string, Promise<readonly ConfiguredProvider[]>>();

  constructor(
    private readonly database: Database,
    private readonly repository: ProviderRepository,
    private readonly vault: Vault,
  ) {}

  list(ctx: RequestContext): Promise<readonly ConfiguredProvider[]> {
    const known = this.tenants.get(ctx.tenantId);
    if (known) return known;
    if (this.tenants.size >= MAX_TENANTS) this.tenants.clear();
    const loading = this.load(ctx);
    this.tenants.set(ctx.tenantId, loading);
    loading.catch(() => {
      if (this.tenants.get(ctx.tenantId) === loading) this.tenants.delete(ctx.tenantId);
    });
    return loading;
  }

  forget(tenantId: string): void {
    this.tenants.delete(tenantId);
  }

  forgetAll(): void {
    this.tenants.clear();
  }

  private async load(ctx: RequestContext): Promise<readonly ConfiguredProvider[]> {
    const rows = await this.repository.list(ctx, this.database.manager);
    return rows.map((row) => this.toProvider(ctx, row));
  }

  private toProvider(ctx: RequestContext, row: ProviderRow): ConfiguredProvider {
    const { apiKey, unavailable } = this.openKey(ctx, row);
    const budget = row.budget_micro_usd_per_day;
    return {
      source: 'stored',
      config: {
        id: row.id,
        kind: row.kind,
        trust: row.trust,
        priority: row.priority,
        models: row.models,
        timeouts: row.timeouts,
        ...(budget === null ? {} : { budgetMicroUsdPerDay: budget }),
        ...(row.base_url === null ? {} : { baseUrl: row.base_url }),
        ...(apiKey === undefined ? {} : { apiKey }),
      },
      ...(unavailable === undefined ? {} : { unavailable }),
    };
  }

  private openKey(ctx: RequestContext, row: ProviderRow): { apiKey?: string; unavailable?: string } {
    if (row.sealed_api_key === null) return {};
    try {
      return { apiKey: this.vault.open(ctx, apiKeyPlace(row.id), row.sealed_api_key) };
    } catch (error) {
      // One key sealed under another ENCRYPTION_KEY must not take the other providers down with it.
      if (!AppError.is(error)) throw error;
      ctx.logger.error({ provider: row.id, code: error.code }, error.message);
      return { unavailable: 'Its API key cannot be read: remove the provider and store it again' };
    }
  }
}
