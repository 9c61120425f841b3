import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestContext } from '@guildhall/sdk';
import type { KeptResponse } from './response.js';

/** One response of a conversation, without what it says. */
export interface Link {
  readonly id: string;
  readonly previousId: string | null;
  readonly bytes: number;
}

const COLUMNS = `id, previous_id AS "previousId", input, response, run_id AS "runId", thread_id AS "threadId"`;

@Injectable()
export class ResponseRepository {
  async insert(tx: EntityManager, ctx: RequestContext, kept: KeptResponse): Promise<void> {
    const { id, previousId, runId, threadId } = kept;
    const [input, response] = [JSON.stringify(kept.input), JSON.stringify(kept.response)];
    const bytes = Buffer.byteLength(input) + Buffer.byteLength(response);
    await tx.query(
      `INSERT INTO model_responses (tenant_id, id, previous_id, input, response, bytes, run_id, thread_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [ctx.tenantId, id, previousId, input, response, bytes, runId, threadId],
    );
  }

  async find(tx: EntityManager, ctx: RequestContext, id: string): Promise<KeptResponse | undefined> {
    const rows = await tx.query<KeptResponse[]>(
      `SELECT ${COLUMNS} FROM model_responses WHERE tenant_id = $1 AND id = $2`,
      [ctx.tenantId, id],
    );
    return rows[0];
  }

  /** False when there was none. */
  async remove(tx: EntityManager, ctx: RequestContext, id: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `WITH removed AS (DELETE FROM model_responses WHERE tenant_id = $1 AND id = $2 RETURNING id)
       SELECT id FROM removed`,
      [ctx.tenantId, id],
    );
    return rows.length > 0;
  }

  /** The conversation that ends with this response, newest first, up to so many of it. */
  links(tx: EntityManager, ctx: RequestContext, id: string, limit: number): Promise<Link[]> {
    return tx.query(
      `WITH RECURSIVE chain AS (
         SELECT id, previous_id, bytes, 1 AS depth FROM model_responses WHERE tenant_id = $1 AND id = $2
         UNION ALL
         SELECT r.id, r.previous_id, r.bytes, chain.depth + 1
         FROM chain JOIN model_responses r ON r.tenant_id = $1 AND r.id = chain.previous_id WHERE chain.depth < $3
       ) SELECT id, previous_id AS "previousId", bytes FROM chain ORDER BY depth`,
      [ctx.tenantId, id, limit],
    );
  }

  /** In no order. What is gone on from is kept from now on anew. */
  async use(tx: EntityManager, ctx: RequestContext, ids: readonly string[]): Promise<KeptResponse[]> {
    const [rows] = await tx.query<[KeptResponse[]]>(
      `UPDATE model_responses SET used_at = now() WHERE tenant_id = $1 AND id = ANY($2) RETURNING ${COLUMNS}`,
      [ctx.tenantId, ids],
    );
    return rows;
  }
}
