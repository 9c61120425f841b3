import { Injectable } from '@nestjs/common';
import { NotFoundError, type RequestContext } from '@guildhall/sdk';
import { Database } from '../database/database.js';
import { Cursors, type Page, type PageQuery } from '../http/pagination.js';
import { newId } from '../ids.js';
import { ApiKeyService, type MintedKey } from './api-key.service.js';
import { Audit } from './audit.js';
import { isSystemAdministrator } from './principal.js';
import { type Tenant, TenantRepository, type VisibleTenant } from './tenant.repository.js';

@Injectable()
export class TenantService {
  constructor(
    private readonly database: Database,
    private readonly tenants: TenantRepository,
    private readonly keys: ApiKeyService,
    private readonly audit: Audit,
    private readonly cursors: Cursors,
  ) {}

  /** A new tenant and its first administrator key. */
  create(ctx: RequestContext, name: string): Promise<{ tenant: Tenant; minted: MintedKey }> {
    return this.database.transaction(ctx, async (tx) => {
      const tenant = await this.tenants.insert(tx, { id: newId('ten'), name });
      await this.audit.record(ctx, tx, 'tenant.created', { id: tenant.id, detail: { name } });
      const first = { tenantId: tenant.id, name: 'administrator', scopes: ['*'], expiresAt: null };
      return { tenant, minted: await this.keys.mint(ctx, tx, first) };
    });
  }

  async list(ctx: RequestContext, query: PageQuery): Promise<Page<Tenant>> {
    const keyset = this.cursors.read(ctx, 'tenants', query);
    const rows = await this.tenants.list(this.database.manager, visibleTo(ctx), keyset);
    const total = query.total ? await this.tenants.count(this.database.manager, visibleTo(ctx)) : undefined;
    return this.cursors.page(ctx, 'tenants', query, rows, {}, total);
  }

  async get(ctx: RequestContext, id: string): Promise<Tenant> {
    const tenant = await this.tenants.find(this.database.manager, visibleTo(ctx), id);
    if (!tenant) throw new NotFoundError('tenant', id);
    return tenant;
  }
}

function visibleTo(ctx: RequestContext): VisibleTenant {
  return isSystemAdministrator(ctx) ? null : ctx.tenantId;
}
