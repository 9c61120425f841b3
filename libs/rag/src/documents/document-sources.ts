import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestContext } from '@guildhall/sdk';

/** How much of a document that the release before stored whole is read at once. */
const PIECE_BYTES = 1024 * 1024;

/**
 * The bytes of documents as they were sent, in pieces, until they are read. A process of the release before stores them
 * whole, in `document_sources`; they go with the release that no longer runs beside one of those. Both places hold the
 * same bytes: a document is found by their hash.
 */
@Injectable()
export class DocumentSources {
  /** Piece by piece, of a document that has none. */
  async save(tx: EntityManager, ctx: RequestContext, documentId: string, pieces: AsyncIterable<Buffer>): Promise<void> {
    let ordinal = 0;
    for await (const piece of pieces) {
      await tx.query(
        `INSERT INTO document_source_pieces (document_id, ordinal, bytes)
         SELECT id, $3, $4 FROM documents WHERE tenant_id = $1 AND id = $2`,
        [ctx.tenantId, documentId, ordinal++, piece],
      );
    }
  }

  /** Undefined where it is gone. */
  async size(tx: EntityManager, ctx: RequestContext, documentId: string): Promise<number | undefined> {
    const rows = await tx.query<{ size: number | null }[]>(
      `SELECT coalesce(
         (SELECT sum(octet_length(bytes))::int FROM document_source_pieces WHERE document_id = d.id),
         (SELECT octet_length(bytes) FROM document_sources WHERE document_id = d.id)
       ) AS size FROM documents d WHERE d.tenant_id = $1 AND d.id = $2`,
      [ctx.tenantId, documentId],
    );
    return rows[0]?.size ?? undefined;
  }

  async piece(
    tx: EntityManager,
    ctx: RequestContext,
    documentId: string,
    ordinal: number,
  ): Promise<Buffer | undefined> {
    const rows = await tx.query<{ bytes: Buffer }[]>(
      `SELECT found.bytes FROM documents d, LATERAL (
         SELECT bytes FROM document_source_pieces WHERE document_id = d.id AND ordinal = $3
         UNION ALL
         SELECT substring(bytes FROM $3 * ${PIECE_BYTES} + 1 FOR ${PIECE_BYTES}) FROM document_sources
         WHERE document_id = d.id AND octet_length(bytes) > $3 * ${PIECE_BYTES}
       ) AS found WHERE d.tenant_id = $1 AND d.id = $2 LIMIT 1`,
      [ctx.tenantId, documentId, ordinal],
    );
    return rows[0]?.bytes;
  }

  async delete(tx: EntityManager, ctx: RequestContext, documentId: string): Promise<void> {
    await tx.query(
      `WITH doc AS (SELECT id FROM documents WHERE tenant_id = $1 AND id = $2),
         whole AS (DELETE FROM document_sources s USING doc WHERE s.document_id = doc.id)
       DELETE FROM document_source_pieces s USING doc WHERE s.document_id = doc.id`,
      [ctx.tenantId, documentId],
    );
  }
}
