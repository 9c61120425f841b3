import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { NotFoundError, type RequestContext } from '@guildhall/sdk';
import { type Keyset, ListedRows, isId } from '@guildhall/core';
import { READABLE, asker } from '../documents/visible-documents.js';
import { toJsonb } from '../json.js';
import type { Collection, NewCollection } from './collection.js';

const columns = (documents: string, chunks: string): string => `
  id, no, tenant_id AS "tenantId", name, language, k1, b, metadata, languages,
  ${documents} AS documents, ${chunks} AS chunks, sum_dl::float8 AS "sumDl",
  created_at AS "createdAt", updated_at AS "updatedAt"`;

const COLUMNS = columns('n_documents', 'n_chunks');

// One statement, as a document that became ready between two would make a negative count.
const AS_SEEN = `
  SELECT ${columns('n_documents - hidden_documents', 'n_chunks - hidden_chunks')}
  FROM collections c, LATERAL (
    SELECT count(*)::int AS hidden_documents, coalesce(sum(chunk_count), 0)::int AS hidden_chunks FROM documents d
    WHERE d.tenant_id = c.tenant_id AND d.collection_no = c.no AND d.deleted_at IS NULL
      AND d.content_hash IS NOT NULL AND NOT ${READABLE}
  ) AS hidden
  WHERE tenant_id = $1 AND deleted_at IS NULL`;

@Injectable()
export class CollectionRepository {
  async insert(tx: EntityManager, ctx: RequestContext, collection: NewCollection): Promise<Collection> {
    const { id, name, language, k1, b, metadata } = collection;
    const rows = await tx.query<Collection[]>(
      `INSERT INTO collections (id, tenant_id, name, language, k1, b, metadata)
       VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`,
      [id, ctx.tenantId, name, language, k1, b, toJsonb(metadata)],
    );
    return rows[0]!;
  }

  /** With the counters that ranking needs, of all documents. Throws `collection_not_found` as `getAsSeen` does. */
  async get(tx: EntityManager, ctx: RequestContext, id: string): Promise<Collection> {
    if (!isId('col', id)) throw new NotFoundError('collection', id);
    const rows = await tx.query<Collection[]>(
      `SELECT ${COLUMNS} FROM collections WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
      [ctx.tenantId, id],
    );
    if (!rows[0]) throw new NotFoundError('collection', id);
    return rows[0];
  }

  /**
   * With counters of the documents that the asker sees. Throws `collection_not_found` for an unknown, deleted or foreign
   * id alike.
   */
  async getAsSeen(tx: EntityManager, ctx: RequestContext, id: string): Promise<Collection> {
    if (!isId('col', id)) throw new NotFoundError('collection', id);
    const rows = await tx.query<Collection[]>(`${AS_SEEN} AND id = $3`, [...asker(ctx), id]);
    if (!rows[0]) throw new NotFoundError('collection', id);
    return rows[0];
  }

  list(tx: EntityManager, ctx: RequestContext, { limit, before }: Keyset): Promise<ListedRows<Collection>> {
    const select = `${AS_SEEN} AND ($3::text IS NULL OR id < $3) ORDER BY id DESC`;
    return ListedRows.read(tx, select, [...asker(ctx), before ?? null], { limit });
  }

  /** Which of `ids` exist for the tenant. */
  async existing(tx: EntityManager, ctx: RequestContext, ids: readonly string[]): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }[]>(
      'SELECT id FROM collections WHERE tenant_id = $1 AND id = ANY ($2::text[]) AND deleted_at IS NULL',
      [ctx.tenantId, ids.filter((id) => isId('col', id))],
    );
    return new Set(rows.map(({ id }) => id));
  }

  async count(tx: EntityManager, ctx: RequestContext): Promise<number> {
    const rows = await tx.query<{ n: number }[]>(
      'SELECT count(*)::int AS n FROM collections WHERE tenant_id = $1 AND deleted_at IS NULL',
      [ctx.tenantId],
    );
    return rows[0]!.n;
  }

  async update(
    tx: EntityManager,
    ctx: RequestContext,
    id: string,
    change: Partial<Pick<Collection, 'name' | 'k1' | 'b' | 'metadata'>>,
  ): Promise<Collection> {
    const { name = null, k1 = null, b = null, metadata } = change;
    await tx.query(
      `UPDATE collections SET name = coalesce($3, name), k1 = coalesce($4, k1), b = coalesce($5, b),
         metadata = coalesce($6::jsonb, metadata), updated_at = now()
       WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
      [ctx.tenantId, id, name, k1, b, metadata ? toJsonb(metadata) : null],
    );
    return this.getAsSeen(tx, ctx, id);
  }

  /** From here on it is gone for every caller; its rows are removed by a job. */
  async markDeleted(tx: EntityManager, ctx: RequestContext, id: string): Promise<void> {
    await tx.query('UPDATE collections SET deleted_at = now() WHERE tenant_id = $1 AND id = $2', [ctx.tenantId, id]);
    await tx.query(
      `UPDATE documents SET deleted_at = now(), text = NULL
       WHERE tenant_id = $1 AND collection_id = $2 AND deleted_at IS NULL`,
      [ctx.tenantId, id],
    );
  }
}
