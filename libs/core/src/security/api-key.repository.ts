import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestContext } from '@guildhall/sdk';
import { ListedRows } from '../database/listed-rows.js';
import type { Keyset } from '../http/pagination.js';

export interface ApiKey {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly tokenHash: Buffer;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export type NewApiKey = Omit<ApiKey, 'createdAt' | 'lastUsedAt'>;

const COLUMNS = `id, tenant_id AS "tenantId", name, token_hash AS "tokenHash", scopes, created_at AS "createdAt",
  expires_at AS "expiresAt", last_used_at AS "lastUsedAt"`;

/** Keys that are not revoked; a revoked one stays as a row, but nobody sees it again. */
@Injectable()
export class ApiKeyRepository {
  async insert(ctx: RequestContext, tx: EntityManager, key: NewApiKey): Promise<ApiKey> {
    const rows = await tx.query<ApiKey[]>(
      `INSERT INTO api_keys (id, tenant_id, name, token_hash, scopes, expires_at, created_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`,
      [key.id, key.tenantId, key.name, key.tokenHash, key.scopes, key.expiresAt, ctx.actor.id],
    );
    return rows[0]!;
  }

  async find(ctx: RequestContext, tx: EntityManager, id: string): Promise<ApiKey | undefined> {
    const rows = await tx.query<ApiKey[]>(
      `SELECT ${COLUMNS} FROM api_keys WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL`,
      [ctx.tenantId, id],
    );
    return rows[0];
  }

  /** Newest first. */
  list(ctx: RequestContext, tx: EntityManager, { limit, before }: Keyset): Promise<ListedRows<ApiKey>> {
    return ListedRows.read(
      tx,
      `SELECT ${COLUMNS} FROM api_keys
       WHERE tenant_id = $1 AND revoked_at IS NULL AND ($2::text IS NULL OR id < $2)
       ORDER BY id DESC`,
      [ctx.tenantId, before ?? null],
      { limit },
    );
  }

  async count(ctx: RequestContext, tx: EntityManager): Promise<number> {
    const rows = await tx.query<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM api_keys WHERE tenant_id = $1 AND revoked_at IS NULL`,
      [ctx.tenantId],
    );
    return rows[0]!.n;
  }

  /** False when there was no such key to revoke. */
  async revoke(ctx: RequestContext, tx: EntityManager, id: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `WITH revoked AS (
         UPDATE api_keys SET revoked_at = now() WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING id
       ) SELECT id FROM revoked`,
      [ctx.tenantId, id],
    );
    return rows.length > 0;
  }

  /** Of any tenant: who presents a key has not said yet which tenant is theirs. Only authentication asks this. */
  async findForAuthentication(tx: EntityManager, id: string): Promise<ApiKey | undefined> {
    const rows = await tx.query<ApiKey[]>(`SELECT ${COLUMNS} FROM api_keys WHERE id = $1 AND revoked_at IS NULL`, [id]);
    return rows[0];
  }

  /** Of any tenant: those of these keys that are revoked, over, or gone with their tenant. */
  async endedAmong(tx: EntityManager, ids: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }[]>(
      `SELECT asked.id FROM unnest($1::text[]) AS asked (id) WHERE NOT EXISTS (
         SELECT FROM api_keys k WHERE k.id = asked.id AND k.revoked_at IS NULL
           AND (k.expires_at IS NULL OR k.expires_at > now()))`,
      [ids],
    );
    return rows.map(({ id }) => id);
  }

  /** At most once a minute a key, so that a busy key is not a busy row. */
  async touch(tx: EntityManager, key: ApiKey): Promise<void> {
    await tx.query(
      `UPDATE api_keys SET last_used_at = now()
       WHERE id = $1 AND tenant_id = $2 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
      [key.id, key.tenantId],
    );
  }
}
