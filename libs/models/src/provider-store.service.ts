import { Injectable } from '@nestjs/common';
import { Audit, Database, type Revisions, isStale, isSystemAdministrator, readBody } from '@guildhall/core';
import { ConflictError, NotFoundError, type RequestContext } from '@guildhall/sdk';
import { changedRow, checkedBaseUrl, checkedKeyMoves, newProviderFaults } from './provider-changes.js';
import type { UpdateProviderDto } from './provider-update.dto.js';
import { CreateProviderDto } from './provider.dto.js';
import { ProviderKeys } from './registry/provider-keys.js';
import { ProviderRegistry } from './registry/provider-registry.js';
import { ProviderRepository, revisionOf } from './registry/provider.repository.js';
import { StoredProviders } from './registry/stored-providers.js';
import { Connections } from './routing/connections.js';

/** Of a tenant: every call ranks them all, and every list of models is made of theirs. */
const MAX_PROVIDERS = 100;

/** Stores, changes and removes the providers of a tenant. */
@Injectable()
export class ProviderStore {
  constructor(
    private readonly database: Database,
    private readonly repository: ProviderRepository,
    private readonly stored: StoredProviders,
    private readonly registry: ProviderRegistry,
    private readonly connections: Connections,
    private readonly keys: ProviderKeys,
    private readonly audit: Audit,
  ) {}

  /** Its id. */
  async create(ctx: RequestContext, body: unknown): Promise<string> {
    const kinds = this.connections.kinds();
    const input = await readBody(CreateProviderDto, body, (given) => newProviderFaults(kinds, given));
    const { id, kind, apiKey, endpoints = [], priority, models, budgetMicroUsdPerDay = null, timeouts = {} } = input;
    const row = {
      id,
      kind,
      base_url: checkedBaseUrl(kind, input.baseUrl),
      sealed_api_key: apiKey === undefined ? null : this.keys.seal(ctx, id, apiKey),
      endpoints: this.keys.sealEndpoints(ctx, id, endpoints),
      trust: trustOf(ctx),
      priority,
      models,
      budget_micro_usd_per_day: budgetMicroUsdPerDay,
      timeouts,
    };
    await this.database.transaction(ctx, async (tx) => {
      if (!(await this.repository.insert(ctx, tx, row))) {
        const message = `There is a provider '${id}' already; change it with PATCH, or remove it first`;
        throw new ConflictError('duplicate_record', message);
      }
      if ((await this.repository.count(ctx, tx)) > MAX_PROVIDERS) throw tooMany();
      await this.audit.record(ctx, tx, 'provider.created', { id, detail: { kind } });
    });
    this.stored.refresh(ctx.tenantId);
    return id;
  }

  /** With `revisions`, only if nobody changed it since. */
  async update(ctx: RequestContext, id: string, body: UpdateProviderDto, revisions?: Revisions): Promise<void> {
    await this.refuseOperators(ctx, id, `change its settings, or store one of this id with POST /api/v1/providers`);
    await this.database.transaction(ctx, async (tx) => {
      const row = await this.repository.lock(ctx, tx, id);
      if (!row) throw new NotFoundError('provider', id);
      refuseStale(id, revisionOf(row), revisions);
      checkedKeyMoves(row, body);
      const changed = changedRow(row, body, {
        baseUrl: (baseUrl) => checkedBaseUrl(row.kind, baseUrl),
        seal: (apiKey) => this.keys.seal(ctx, id, apiKey),
        sealEndpoints: (endpoints) => this.keys.sealEndpoints(ctx, id, endpoints),
        trust: trustOf(ctx),
      });
      await this.repository.update(ctx, tx, changed);
      await this.audit.record(ctx, tx, 'provider.updated', { id, detail: { fields: Object.keys(body) } });
    });
    this.stored.refresh(ctx.tenantId);
  }

  /** With `revisions`, only if nobody changed it since. */
  async remove(ctx: RequestContext, id: string, revisions?: Revisions): Promise<void> {
    await this.refuseOperators(ctx, id, 'take its settings away');
    await this.database.transaction(ctx, async (tx) => {
      const row = await this.repository.lock(ctx, tx, id);
      if (!row) throw new NotFoundError('provider', id);
      refuseStale(id, revisionOf(row), revisions);
      await this.repository.remove(ctx, tx, id);
      await this.audit.record(ctx, tx, 'provider.removed', { id });
    });
    this.stored.refresh(ctx.tenantId);
  }

  private async refuseOperators(ctx: RequestContext, id: string, remedy: string): Promise<void> {
    const found = await this.registry.find(ctx, id);
    if (!found) throw new NotFoundError('provider', id);
    if (found.source === 'stored') return;
    const message = `Provider '${id}' is configured by the operator and cannot be changed here: ${remedy}`;
    throw new ConflictError('conflict', message);
  }
}

/** Only the operator's own addresses may lead into the operator's network. */
function trustOf(ctx: RequestContext): 'operator' | 'tenant' {
  return isSystemAdministrator(ctx) ? 'operator' : 'tenant';
}

function refuseStale(id: string, current: string, named: Revisions): void {
  if (!isStale(current, named)) return;
  const message = `The provider '${id}' is at another revision than If-Match names: read it again, then repeat with its ETag`;
  throw new ConflictError('precondition_failed', message);
}

const tooMany = (): ConflictError =>
  new ConflictError('too_many_providers', `A tenant has ${MAX_PROVIDERS} providers at most: remove one first`);
