import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ProviderConfig, ProviderModel, RequestContext } from '@guildhall/sdk';

/** A stored provider. Rows are never changed, only made and removed. */
export interface ProviderRow {
  readonly id: string;
  readonly kind: string;
  readonly base_url: string | null;
  readonly sealed_api_key: string | null;
  readonly trust: 'tenant' | 'operator';
  readonly priority: number;
  readonly models: readonly ProviderModel[];
  readonly budget_micro_usd_per_day: number | null;
  readonly timeouts: NonNullable<ProviderConfig['timeouts']>;
}

/** Tells every process to forget what it knows of a tenant's providers. */
export const PROVIDERS_CHANNEL = 'guildhall_model_providers';

@Injectable()
export class ProviderRepository {
  async list(ctx: RequestContext, tx: EntityManager): Promise<ProviderRow[]> {
    return tx.query(
      `SELECT id, kind, base_url, sealed_api_key, trust, priority, models, timeouts,
              budget_micro_usd_per_day::float8 AS budget_micro_usd_per_day
       FROM model_providers WHERE tenant_id = $1`,
      [ctx.tenantId],
    );
  }

  /** False when the id is taken. */
  async insert(ctx: RequestContext, tx: EntityManager, row: ProviderRow): Promise<boolean> {
    const inserted = (await tx.query(
      `INSERT INTO model_providers (tenant_id, id, kind, base_url, sealed_api_key, trust, priority, models,
                                    budget_micro_usd_per_day, timeouts)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING id`,
      [
        ctx.tenantId,
        row.id,
        row.kind,
        row.base_url,
        row.sealed_api_key,
        row.trust,
        row.priority,
        JSON.stringify(row.models),
        row.budget_micro_usd_per_day,
        JSON.stringify(row.timeouts),
      ],
    )) as { id: string }[];
    return inserted.length > 0 && this.announce(ctx, tx);
  }

  /** False when there was none. */
  async remove(ctx: RequestContext, tx: EntityManager, id: string): Promise<boolean> {
    const removed = (await tx.query(
      `WITH removed AS (DELETE FROM model_providers WHERE tenant_id = $1 AND id = $2 RETURNING id)
       SELECT id FROM removed`,
      [ctx.tenantId, id],
    )) as { id: string }[];
    return removed.length > 0 && this.announce(ctx, tx);
  }

  private async announce(ctx: RequestContext, tx: EntityManager): Promise<true> {
    await tx.query(`SELECT pg_notify($1, $2)`, [PROVIDERS_CHANNEL, ctx.tenantId]);
    return true;
  }
}
