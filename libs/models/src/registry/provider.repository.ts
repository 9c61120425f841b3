import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ProviderConfig, ProviderModel, RequestContext } from '@guildhall/sdk';
import type { Verdict } from './standing.js';

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

/** A stored provider and what was learnt of it, which is no part of its revision. */
export interface StoredProvider {
  readonly row: ProviderRow;
  readonly verdict: Verdict;
}

interface StandingColumns {
  readonly standing: Verdict['kind'];
  readonly standing_reason: string | null;
}

/** Tells every process to look again at a tenant's providers. */
export const PROVIDERS_CHANNEL = 'guildhall_model_providers';

type Tenant = Pick<RequestContext, 'tenantId'>;

const COLUMNS = `id, kind, base_url, sealed_api_key, endpoints, trust, priority, models, timeouts,
  budget_micro_usd_per_day::float8 AS budget_micro_usd_per_day`;

/** What tells one state of a provider from another. Of its keys it tells only that they changed. */
export function revisionOf(row: ProviderRow): string {
  return createHash('sha256').update(JSON.stringify(row)).digest('base64url').slice(0, 16);
}

function verdictOf(kind: Verdict['kind'], reason: string | null): Verdict {
  return kind === 'failed' || kind === 'undecided' ? { kind, reason: reason ?? '' } : { kind };
}

@Injectable()
export class ProviderRepository {
  async list(ctx: Tenant, tx: EntityManager): Promise<StoredProvider[]> {
    const rows = (await tx.query(
      `SELECT ${COLUMNS}, standing, standing_reason FROM model_providers WHERE tenant_id = $1`,
      [ctx.tenantId],
    )) as (ProviderRow & StandingColumns)[];
    return rows.map(({ standing, standing_reason, ...row }) => ({
      row,
      verdict: verdictOf(standing, standing_reason),
    }));
  }

  async count(ctx: Tenant, tx: EntityManager): Promise<number> {
    const [{ n }] = (await tx.query('SELECT count(*)::int AS n FROM model_providers WHERE tenant_id = $1', [
      ctx.tenantId,
    ])) as [{ n: number }];
    return n;
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

  /** With another address or key, what was learnt of it says nothing. */
  async update(ctx: RequestContext, tx: EntityManager, row: ProviderRow): Promise<void> {
    await tx.query(
      `UPDATE model_providers
       SET standing = CASE WHEN ${IS_SAME} THEN standing ELSE 'unasked' END,
           standing_reason = CASE WHEN ${IS_SAME} THEN standing_reason END,
           base_url = $3, sealed_api_key = $4, endpoints = $5, trust = $6, priority = $7, models = $8,
           budget_micro_usd_per_day = $9, timeouts = $10
       WHERE tenant_id = $1 AND id = $2`,
      [ctx.tenantId, row.id, ...changeable(row)],
    );
    await this.announce(ctx, tx);
  }

  /** Keeps what a call or a probe of this address and key said. What is proven stays. */
  async learn(ctx: Tenant, tx: EntityManager, row: ProviderRow, verdict: Verdict): Promise<void> {
    const learnt = (await tx.query(
      `WITH learnt AS (
         UPDATE model_providers SET standing = $6, standing_reason = $7
         WHERE tenant_id = $1 AND id = $2 AND ${IS_SAME} AND standing <> 'proven' RETURNING id)
       SELECT id FROM learnt`,
      [ctx.tenantId, row.id, ...called(row), verdict.kind, 'reason' in verdict ? verdict.reason : null],
    )) as { id: string }[];
    if (learnt.length > 0) await this.announce(ctx, tx);
  }

  async remove(ctx: RequestContext, tx: EntityManager, id: string): Promise<void> {
    await tx.query(`DELETE FROM model_providers WHERE tenant_id = $1 AND id = $2`, [ctx.tenantId, id]);
    await this.announce(ctx, tx);
  }

  private async announce(ctx: Tenant, tx: EntityManager): Promise<true> {
    await tx.query(`SELECT pg_notify($1, $2)`, [PROVIDERS_CHANNEL, ctx.tenantId]);
    return true;
  }
}

/** The same keys at the same addresses: a key that is sealed anew looks different. */
const IS_SAME = `base_url IS NOT DISTINCT FROM $3 AND sealed_api_key IS NOT DISTINCT FROM $4 AND endpoints = $5::jsonb`;

function called(row: ProviderRow): unknown[] {
  return [row.base_url, row.sealed_api_key, JSON.stringify(row.endpoints)];
}

/** All but the id and the kind, in the order of the parameters above. */
function changeable(row: ProviderRow): unknown[] {
  return [
    ...called(row),
    row.trust,
    row.priority,
    JSON.stringify(row.models),
    row.budget_micro_usd_per_day,
    JSON.stringify(row.timeouts),
  ];
}
