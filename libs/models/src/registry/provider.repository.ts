import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ProviderConfig, ProviderModel, RequestContext } from '@guildhall/sdk';

export interface EndpointRow {
  readonly baseUrl?: string;
  readonly sealedApiKey?: string;
}

/** A stored provider. */
export interface ProviderRow {
  readonly id: string;
  readonly kind: string;
  readonly base_url: string | null;
  readonly sealed_api_key: string | null;
  /** Empty: its own address and key are the only ones. */
  readonly endpoints: readonly EndpointRow[];
  readonly trust: 'tenant' | 'operator';
  readonly priority: number;
  readonly models: readonly ProviderModel[];
  readonly budget_micro_usd_per_day: number | null;
  readonly timeouts: NonNullable<ProviderConfig['timeouts']>;
}

/** Tells every process to look again at a tenant's providers. */
export const PROVIDERS_CHANNEL = 'guildhall_model_providers';

const COLUMNS = `id, kind, base_url, sealed_api_key, endpoints, trust, priority, models, timeouts,
  budget_micro_usd_per_day::float8 AS budget_micro_usd_per_day`;

/** What tells one state of a provider from another. Of its keys it tells only that they changed. */
export function revisionOf(row: ProviderRow): string {
  return createHash('sha256').update(JSON.stringify(row)).digest('base64url').slice(0, 16);
}

@Injectable()
export class ProviderRepository {
  async list(ctx: Pick<RequestContext, 'tenantId'>, tx: EntityManager): Promise<ProviderRow[]> {
    return tx.query(`SELECT ${COLUMNS} FROM model_providers WHERE tenant_id = $1`, [ctx.tenantId]);
  }

  /** Nobody else changes it before the transaction ends. */
  async lock(ctx: RequestContext, tx: EntityManager, id: string): Promise<ProviderRow | undefined> {
    const [row] = (await tx.query(
      `SELECT ${COLUMNS} FROM model_providers WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
      [ctx.tenantId, id],
    )) as ProviderRow[];
    return row;
  }

  /** False when the id is taken. */
  async insert(ctx: RequestContext, tx: EntityManager, row: ProviderRow): Promise<boolean> {
    const inserted = (await tx.query(
      `INSERT INTO model_providers (tenant_id, id, kind, base_url, sealed_api_key, endpoints, trust, priority, models,
                                    budget_micro_usd_per_day, timeouts)
       VALUES ($1, $2, $11, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING id`,
      [ctx.tenantId, row.id, ...changeable(row), row.kind],
    )) as { id: string }[];
    return inserted.length > 0 && this.announce(ctx, tx);
  }

  async update(ctx: RequestContext, tx: EntityManager, row: ProviderRow): Promise<void> {
    await tx.query(
      `UPDATE model_providers
       SET base_url = $3, sealed_api_key = $4, endpoints = $5, trust = $6, priority = $7, models = $8,
           budget_micro_usd_per_day = $9, timeouts = $10
       WHERE tenant_id = $1 AND id = $2`,
      [ctx.tenantId, row.id, ...changeable(row)],
    );
    await this.announce(ctx, tx);
  }

  async remove(ctx: RequestContext, tx: EntityManager, id: string): Promise<void> {
    await tx.query(`DELETE FROM model_providers WHERE tenant_id = $1 AND id = $2`, [ctx.tenantId, id]);
    await this.announce(ctx, tx);
  }

  private async announce(ctx: RequestContext, tx: EntityManager): Promise<true> {
    await tx.query(`SELECT pg_notify($1, $2)`, [PROVIDERS_CHANNEL, ctx.tenantId]);
    return true;
  }
}

/** All but the id and the kind, in the order of the parameters above. */
function changeable(row: ProviderRow): unknown[] {
  return [
    row.base_url,
    row.sealed_api_key,
    JSON.stringify(row.endpoints),
    row.trust,
    row.priority,
    JSON.stringify(row.models),
    row.budget_micro_usd_per_day,
    JSON.stringify(row.timeouts),
  ];
}
