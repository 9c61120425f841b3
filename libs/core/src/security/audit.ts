import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { RequestContext } from '@guildhall/sdk';
import { newId } from '../ids.js';

export interface AuditTarget {
  readonly id: string;
  /** Facts worth keeping; never a secret. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Who did what to what, per tenant, append-only: the table itself refuses changes. */
@Injectable()
export class Audit {
  /** Part of the caller's transaction: what is not recorded did not happen. `action` is `noun.past_participle`. */
  async record(ctx: RequestContext, tx: EntityManager, action: string, target: AuditTarget): Promise<void> {
    await tx.query(
      `INSERT INTO audit_events (id, tenant_id, actor_kind, actor_id, action, target_id, detail, request_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        newId('evt'),
        ctx.tenantId,
        ctx.actor.kind,
        ctx.actor.id,
        action,
        target.id,
        JSON.stringify(target.detail ?? {}),
        ctx.requestId,
      ],
    );
  }
}
