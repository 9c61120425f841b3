import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestContext } from '@guildhall/sdk';

/** The bytes of documents as they were sent, in pieces, until they are read. */
@Injectable()
export class DocumentSources {
  /** Piece by piece, instead of what there was before. */
  async save(tx: EntityManager, ctx: RequestContext, documentId: string, pieces: AsyncIterable<Buffer>): Promise<void> {
    await this.delete(tx, ctx, documentId);
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
      `SELECT sum(octet_length(p.bytes))::int AS size FROM document_source_pieces p JOIN documents d ON d.id = p.document_id
       WHERE d.tenant_id = $1 AND d.id = $2`,
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
      `SELECT p.bytes FROM document_source_pieces p JOIN documents d ON d.id = p.document_id
       WHERE d.tenant_id = $1 AND d.id = $2 AND p.ordinal = $3`,
      [ctx.tenantId, documentId, ordinal],
    );
    return rows[0]?.bytes;
  }

  async delete(tx: EntityManager, ctx: RequestContext, documentId: string): Promise<void> {
    await tx.query(
      `DELETE FROM document_source_pieces s USING documents d
       WHERE d.tenant_id = $1 AND d.id = $2 AND s.document_id = d.id`,
      [ctx.tenantId, documentId],
    );
  }
}
