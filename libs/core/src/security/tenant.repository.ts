import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ListedRows } from '../database/listed-rows.js';
import type { Keyset } from '../http/pagination.js';

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
}

/** Null stands for all tenants: only the system administrator may look at more than its own. */
export type VisibleTenant = string | null;

const COLUMNS = `id, name, created_at AS "createdAt"`;

@Injectable()
export class TenantRepository {
  async insert(tx: EntityManager, tenant: Pick<Tenant, 'id' | 'name'>): Promise<Tenant> {
    const rows = await tx.query<Tenant[]>(`INSERT INTO tenants (id, name) VALUES ($1, $2) RETURNING ${COLUMNS}`, [
      tenant.id,
      tenant.name,
    ]);
    return rows[0]!;
  }

  async find(tx: EntityManager, visible: VisibleTenant, id: string): Promise<Tenant | undefined> {
    const rows = await tx.query<Tenant[]>(
      `SELECT ${COLUMNS} FROM tenants WHERE id = $1 AND ($2::text IS NULL OR id = $2)`,
      [id, visible],
    );
    return rows[0];
  }

  list(tx: EntityManager, visible: VisibleTenant, { limit, before }: Keyset): Promise<ListedRows<Tenant>> {
    return ListedRows.read(
      tx,
      `SELECT ${COLUMNS} FROM tenants
       WHERE ($1::text IS NULL OR id = $1) AND ($2::text IS NULL OR id < $2)
       ORDER BY id DESC`,
      [visible, before ?? null],
      { limit },
    );
  }

  async count(tx: EntityManager, visible: VisibleTenant): Promise<number> {
    const rows = await tx.query<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM tenants WHERE $1::text IS NULL OR id = $1`,
      [visible],
    );
    return rows[0]!.n;
  }
}
