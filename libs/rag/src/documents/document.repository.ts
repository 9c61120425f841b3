import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { NotFoundError, type RequestContext } from '@guildhall/sdk';
import { type Keyset, ListedRows, isId } from '@guildhall/core';
import type { Collection } from '../collections/collection.js';
import { toJsonb } from '../json.js';
import type { Chunk, DocumentFault, KnowledgeDocument, NewDocument } from './document.js';
import { VISIBLE, asker } from './visible-documents.js';

const COLUMNS = `
  id, no, tenant_id AS "tenantId", collection_id AS "collectionId", collection_no AS "collectionNo", title,
  media_type AS "mediaType", declared_type AS "declaredType", language, url, file_name AS "fileName",
  content_hash AS "contentHash", status, error, warnings, text_kind AS "textKind", chunk_count AS "chunkCount", token_count AS "tokenCount",
  metadata, acl, staged, created_at AS "createdAt", updated_at AS "updatedAt"`;

/** The fault of a document whose job died with the process, again and again. */
const INGESTION_GIVEN_UP = 'ingestion_given_up';

/** The fault of a document whose bytes are not where the process looked that was to read them. */
export const SOURCE_MISSING = 'document_source_missing';

@Injectable()
export class DocumentRepository {
  /** Undefined where the collection has a document with this key already. */
  async insert(
    tx: EntityManager,
    ctx: RequestContext,
    collection: Collection,
    doc: NewDocument,
  ): Promise<KnowledgeDocument | undefined> {
    const rows = await tx.query<KnowledgeDocument[]>(
      `INSERT INTO documents (id, tenant_id, collection_id, collection_no, title, media_type, declared_type, language,
         url, file_name, dedupe_key, metadata, acl, status)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'queued')
       ON CONFLICT (collection_id, dedupe_key) WHERE deleted_at IS NULL DO NOTHING RETURNING ${COLUMNS}`,
      [
        doc.id,
        ctx.tenantId,
        collection.id,
        collection.no,
        doc.title,
        doc.mediaType ?? null,
        doc.declaredType ?? null,
        doc.language,
        doc.url ?? null,
        doc.fileName ?? null,
        doc.dedupeKey,
        toJsonb(doc.metadata),
        doc.acl ?? null,
      ],
    );
    return rows[0];
  }

  /** The document with this key if the asker sees it, locked until the transaction ends. */
  async findByKey(
    tx: EntityManager,
    ctx: RequestContext,
    collectionId: string,
    dedupeKey: string,
  ): Promise<KnowledgeDocument | undefined> {
    const rows = await tx.query<KnowledgeDocument[]>(
      `SELECT ${COLUMNS} FROM documents
       WHERE ${VISIBLE} AND collection_id = $3 AND dedupe_key = $4 FOR UPDATE`,
      [...asker(ctx), collectionId, dedupeKey],
    );
    return rows[0];
  }

  /** With `collectionId` only as a member of that collection. Throws `document_not_found`. */
  async get(tx: EntityManager, ctx: RequestContext, id: string, collectionId?: string): Promise<KnowledgeDocument> {
    if (!isId('doc', id)) throw new NotFoundError('document', id);
    const rows = await tx.query<KnowledgeDocument[]>(
      `SELECT ${COLUMNS} FROM documents
       WHERE ${VISIBLE} AND id = $3 AND ($4::text IS NULL OR collection_id = $4)`,
      [...asker(ctx), id, collectionId ?? null],
    );
    if (!rows[0]) throw new NotFoundError('document', id);
    return rows[0];
  }

  /** For the request that sent it, which waits for it: also with an `acl` that hides it from the same key afterwards. */
  async getMade(tx: EntityManager, ctx: RequestContext, id: string): Promise<KnowledgeDocument> {
    const rows = await tx.query<KnowledgeDocument[]>(
      `SELECT ${COLUMNS} FROM documents WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
      [ctx.tenantId, id],
    );
    if (!rows[0]) throw new NotFoundError('document', id);
    return rows[0];
  }

  list(
    tx: EntityManager,
    ctx: RequestContext,
    collectionId: string,
    { limit, before }: Keyset,
    status?: string,
  ): Promise<ListedRows<KnowledgeDocument>> {
    return ListedRows.read(
      tx,
      `SELECT ${COLUMNS} FROM documents
       WHERE ${VISIBLE} AND collection_id = $3 AND ($4::text IS NULL OR id < $4)
         AND ($5::text IS NULL OR status = $5)
       ORDER BY id DESC`,
      [...asker(ctx), collectionId, before ?? null, status ?? null],
      { limit },
    );
  }

  async count(tx: EntityManager, ctx: RequestContext, collectionId: string, status?: string): Promise<number> {
    const rows = await tx.query<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM documents
       WHERE ${VISIBLE} AND collection_id = $3 AND ($4::text IS NULL OR status = $4)`,
      [...asker(ctx), collectionId, status ?? null],
    );
    return rows[0]!.n;
  }

  /** With the size of its parsed text; null while there is none. */
  async getWithLength(
    tx: EntityManager,
    ctx: RequestContext,
    id: string,
  ): Promise<{ readonly document: KnowledgeDocument; readonly bytes: number | null }> {
    if (!isId('doc', id)) throw new NotFoundError('document', id);
    const rows = await tx.query<(KnowledgeDocument & { bytes: number | null })[]>(
      `SELECT ${COLUMNS}, octet_length(text) AS bytes FROM documents WHERE ${VISIBLE} AND id = $3`,
      [...asker(ctx), id],
    );
    if (!rows[0]) throw new NotFoundError('document', id);
    const { bytes, ...document } = rows[0];
    return { document, bytes };
  }

  /** The parsed text; null while there is none. */
  async text(tx: EntityManager, ctx: RequestContext, id: string): Promise<string | null> {
    if (!isId('doc', id)) throw new NotFoundError('document', id);
    const rows = await tx.query<{ text: string | null }[]>(`SELECT text FROM documents WHERE ${VISIBLE} AND id = $3`, [
      ...asker(ctx),
      id,
    ]);
    if (!rows[0]) throw new NotFoundError('document', id);
    return rows[0].text;
  }

  /** The chunks behind the ordinal `after`, ascending. */
  chunks(
    tx: EntityManager,
    ctx: RequestContext,
    documentNo: number,
    after: number,
    limit: number,
  ): Promise<ListedRows<Chunk>> {
    return ListedRows.read(
      tx,
      `SELECT id AS "chunkId", ordinal, text, char_start AS "charStart", char_end AS "charEnd", page,
         heading_path AS "headingPath", repeated
       FROM chunks WHERE tenant_id = $1 AND document_no = $2 AND ordinal > $3 ORDER BY ordinal`,
      [ctx.tenantId, documentNo, after],
      { limit },
    );
  }

  /** As it is from now on, even where the asker will not see it again. Throws `document_not_found`. */
  async update(
    tx: EntityManager,
    ctx: RequestContext,
    id: string,
    collectionId: string,
    { metadata, acl }: { readonly metadata?: object; readonly acl?: readonly string[] | null },
  ): Promise<KnowledgeDocument> {
    if (!isId('doc', id)) throw new NotFoundError('document', id);
    const [rows] = await tx.query<[KnowledgeDocument[], number]>(
      `UPDATE documents SET metadata = coalesce($5::jsonb, metadata),
         acl = CASE WHEN $6 THEN $7::text[] ELSE acl END, updated_at = now()
       WHERE ${VISIBLE} AND id = $3 AND collection_id = $4
       RETURNING ${COLUMNS}`,
      [...asker(ctx), id, collectionId, metadata ? toJsonb(metadata) : null, acl !== undefined, acl ?? null],
    );
    if (!rows[0]) throw new NotFoundError('document', id);
    return rows[0];
  }

  /** A failed document waits to be ingested as the new request says, in every field. */
  async replaceFailed(tx: EntityManager, ctx: RequestContext, id: string, doc: Omit<NewDocument, 'id'>): Promise<void> {
    await tx.query(
      `UPDATE documents SET status = 'queued', error = NULL, warnings = '[]', title = $3, media_type = $4,
         declared_type = $5, language = $6, url = $7, file_name = $8, metadata = $9, acl = $10, updated_at = now()
       WHERE tenant_id = $1 AND id = $2`,
      [
        ctx.tenantId,
        id,
        doc.title,
        doc.mediaType ?? null,
        doc.declaredType ?? null,
        doc.language,
        doc.url ?? null,
        doc.fileName ?? null,
        toJsonb(doc.metadata),
        doc.acl ?? null,
      ],
    );
  }

  async markQueued(tx: EntityManager, ctx: RequestContext, id: string): Promise<void> {
    await tx.query(
      `UPDATE documents SET status = 'queued', error = NULL, updated_at = now() WHERE tenant_id = $1 AND id = $2`,
      [ctx.tenantId, id],
    );
  }

  /**
   * The document if it waits to be ingested, now `processing`; also one that was given up, whose job somebody repeats,
   * and one whose bytes a process of the release before did not find. A job delivered twice finds nothing left to do.
   */
  async claim(tx: EntityManager, ctx: RequestContext, id: string): Promise<KnowledgeDocument | undefined> {
    const [rows] = await tx.query<[KnowledgeDocument[], number]>(
      `UPDATE documents SET status = 'processing', updated_at = now()
       WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL
         AND (status IN ('queued', 'processing') OR error->>'code' = ANY ($3))
       RETURNING ${COLUMNS}`,
      [ctx.tenantId, id, [INGESTION_GIVEN_UP, SOURCE_MISSING]],
    );
    return rows[0];
  }

  /** A document that was ready once keeps its content and stays ready; the fault says that it is not the newest. */
  async markFailed(tx: EntityManager, ctx: RequestContext, id: string, fault: DocumentFault): Promise<void> {
    await tx.query(
      `UPDATE documents SET error = $3, updated_at = now(),
         status = CASE WHEN content_hash IS NULL THEN 'failed' ELSE 'ready' END
       WHERE tenant_id = $1 AND id = $2`,
      [ctx.tenantId, id, toJsonb(fault)],
    );
  }

  /** The document if it still waited for its job, which is dead; undefined when there is nothing to give up. */
  async giveUp(
    tx: EntityManager,
    ctx: RequestContext,
    id: string,
    message: string,
  ): Promise<KnowledgeDocument | undefined> {
    const [rows] = await tx.query<[KnowledgeDocument[], number]>(
      `UPDATE documents SET error = $3, updated_at = now(),
         status = CASE WHEN content_hash IS NULL THEN 'failed' ELSE 'ready' END
       WHERE tenant_id = $1 AND id = $2 AND status IN ('queued', 'processing') AND deleted_at IS NULL
       RETURNING ${COLUMNS}`,
      [ctx.tenantId, id, toJsonb({ code: INGESTION_GIVEN_UP, message })],
    );
    return rows[0];
  }

  /**
   * From here on it is gone for every caller and query; its rows are removed by a job. Throws `document_not_found` where
   * it was deleted, or hidden from the asker, since it was read.
   */
  async markDeleted(tx: EntityManager, ctx: RequestContext, { id, collectionId }: KnowledgeDocument): Promise<void> {
    const [rows] = await tx.query<[{ chunks: number; dl: string; indexed: boolean }[], number]>(
      `UPDATE documents SET deleted_at = now(), text = NULL, updated_at = now()
       WHERE ${VISIBLE} AND id = $3
       RETURNING chunk_count AS chunks, sum_dl AS dl, content_hash IS NOT NULL AS indexed`,
      [...asker(ctx), id],
    );
    if (!rows[0]) throw new NotFoundError('document', id);
    if (!rows[0].indexed) return;
    await tx.query(
      `UPDATE collections SET n_documents = n_documents - 1, n_chunks = n_chunks - $3, sum_dl = sum_dl - $4,
         updated_at = now()
       WHERE tenant_id = $1 AND id = $2`,
      [ctx.tenantId, collectionId, rows[0].chunks, rows[0].dl],
    );
  }
}
