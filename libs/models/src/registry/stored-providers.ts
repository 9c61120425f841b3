import { Inject, Injectable } from '@nestjs/common';
import { Database, LOGGER } from '@guildhall/core';
import { AppError, type Logger, type RequestContext } from '@guildhall/sdk';
import { Connections } from '../routing/connections.js';
import type { ConfiguredProvider } from './configured-provider.js';
import { ProviderKeys } from './provider-keys.js';
import { type ProviderRow, ProviderRepository, type StoredProvider, revisionOf } from './provider.repository.js';
import { Standing, type Verdict } from './standing.js';

const MAX_TENANTS = 1000;

type Tenant = Pick<RequestContext, 'tenantId'>;
type Providers = readonly ConfiguredProvider[];

/**
 * The providers of each tenant, kept in memory: every model call needs them. A change in any process is announced by the
 * database. Those that did not change stay the same objects, and with them the connections and measurements that hang on
 * them; the connections of all others are dropped.
 */
@Injectable()
export class StoredProviders {
  private readonly tenants = new Map<string, Promise<Providers>>();
  /** As they were read last. */
  private readonly known = new Map<string, Providers>();

  constructor(
    private readonly database: Database,
    private readonly repository: ProviderRepository,
    private readonly keys: ProviderKeys,
    private readonly connections: Connections,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  list({ tenantId }: Tenant): Promise<Providers> {
    return this.tenants.get(tenantId) ?? this.read(tenantId);
  }

  /** They changed. Reads them at once where they are in use, so that nothing goes on with what was removed. */
  refresh(tenantId: string): void {
    if (this.tenants.has(tenantId)) this.read(tenantId);
  }

  /** They may have changed. */
  refreshAll(): void {
    for (const tenantId of this.tenants.keys()) this.read(tenantId);
  }

  private read(tenantId: string): Promise<Providers> {
    const before = this.tenants.get(tenantId);
    if (!before && this.tenants.size >= MAX_TENANTS) this.forgetAll();
    // One after the other, so that an older answer never takes the place of a newer one.
    const reading = Promise.resolve(before?.catch(() => undefined)).then(() => this.load(tenantId));
    this.tenants.set(tenantId, reading);
    reading.catch(() => {
      if (this.tenants.get(tenantId) === reading) this.tenants.delete(tenantId);
    });
    return reading;
  }

  private async load(tenantId: string): Promise<Providers> {
    const stored = await this.repository.list({ tenantId }, this.database.manager);
    const before = this.known.get(tenantId) ?? [];
    const providers = stored.map((one) => {
      const revision = revisionOf(one.row);
      const same = before.find((provider) => provider.config.id === one.row.id && provider.revision === revision);
      same?.standing.adopt(one.verdict);
      return same ?? this.toProvider({ tenantId }, one, revision);
    });
    this.known.set(tenantId, providers);
    this.drop(before.filter((provider) => !providers.includes(provider)));
    return providers;
  }

  private forgetAll(): void {
    this.drop([...this.known.values()].flat());
    this.known.clear();
    this.tenants.clear();
  }

  private drop(providers: Providers): void {
    for (const { config } of providers) this.connections.drop(config);
  }

  private toProvider(tenant: Tenant, { row, verdict }: StoredProvider, revision: string): ConfiguredProvider {
    const { unavailable, ...keys } = this.openKeys(tenant, row);
    const budget = row.budget_micro_usd_per_day;
    return {
      source: 'stored',
      standing: new Standing(verdict, (learnt) => this.keep(tenant, row, learnt)),
      revision,
      config: {
        id: row.id,
        kind: row.kind,
        trust: row.trust,
        priority: row.priority,
        models: row.models,
        timeouts: row.timeouts,
        ...(budget === null ? {} : { budgetMicroUsdPerDay: budget }),
        ...(row.base_url === null ? {} : { baseUrl: row.base_url }),
        ...keys,
      },
      ...(unavailable === undefined ? {} : { unavailable }),
    };
  }

  /** It is learnt again where it could not be kept. */
  private async keep(tenant: Tenant, row: ProviderRow, verdict: Verdict): Promise<void> {
    try {
      await this.repository.learn(tenant, this.database.manager, row, verdict);
    } catch (error) {
      this.logger.warn({ provider: row.id, err: error }, 'Whether a provider answers could not be kept');
    }
  }

  private openKeys(tenant: Tenant, row: ProviderRow): ReturnType<ProviderKeys['open']> & { unavailable?: string } {
    try {
      return this.keys.open(tenant, row);
    } catch (error) {
      // One key sealed under another ENCRYPTION_KEY must not take the other providers down with it.
      if (!AppError.is(error)) throw error;
      this.logger.error({ provider: row.id, code: error.code }, error.message);
      return { unavailable: `${error.message} with PATCH /api/v1/providers/${row.id}` };
    }
  }
}
