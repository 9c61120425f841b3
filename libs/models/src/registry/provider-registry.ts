import { Injectable } from '@nestjs/common';
import { Settings } from '@guildhall/core';
import type { ProviderDirectory, RequestContext } from '@guildhall/sdk';
import type { ConfiguredProvider } from './configured-provider.js';
import { environmentProviders } from './environment-providers.js';
import { StoredProviders } from './stored-providers.js';

/** All providers that a tenant may use: the operator's, and its own, which take precedence over those of the same id. */
@Injectable()
export class ProviderRegistry implements ProviderDirectory {
  private environment: readonly ConfiguredProvider[] | undefined;
  /** By the stored ones of a tenant, which stay the same list until one of them changes: every model call asks. */
  private readonly merged = new WeakMap<readonly ConfiguredProvider[], readonly ConfiguredProvider[]>();

  constructor(
    private readonly settings: Settings,
    private readonly stored: StoredProviders,
  ) {}

  async list(ctx: RequestContext): Promise<readonly ConfiguredProvider[]> {
    this.environment ??= environmentProviders(this.settings);
    const stored = await this.stored.list(ctx);
    if (stored.length === 0) return this.environment;
    const known = this.merged.get(stored);
    if (known) return known;
    const ids = new Set(stored.map(({ config }) => config.id));
    const all = [...this.environment.filter(({ config }) => !ids.has(config.id)), ...stored];
    this.merged.set(stored, all);
    return all;
  }

  async find(ctx: RequestContext, id: string): Promise<ConfiguredProvider | undefined> {
    return (await this.list(ctx)).find(({ config }) => config.id === id);
  }

  async missing(ctx: RequestContext, ids: readonly string[]): Promise<readonly string[]> {
    const known = new Set((await this.list(ctx)).map(({ config }) => config.id));
    return ids.filter((id) => !known.has(id));
  }
}
