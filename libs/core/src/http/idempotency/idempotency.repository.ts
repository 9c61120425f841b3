import type { EntityManager } from 'typeorm';

export interface Claim {
  readonly tenantId: string;
  /** With its actor in it: unique in the tenant. */
  readonly key: string;
  /** Of the request, as far as it is known when the key is claimed. */
  readonly fingerprint: string;
  readonly attemptId: string;
  /** After this long the attempt counts as dead. */
  readonly leaseMs: number;
}

export interface EarlierAttempt {
  readonly fingerprint: string;
  /** Sealed; null while the attempt runs. */
  readonly outcome: string | null;
}

export interface KeptOutcome {
  /** Of the whole request. */
  readonly fingerprint: string;
  readonly outcome: string;
}

const KEPT = `interval '24 hours'`;

export class IdempotencyRepository {
  /**
   * Takes the key for this attempt: a new one, an expired one, or one whose attempt died. Undefined when it is taken:
   * then `find` tells by whom. One statement, so that of any number of equal requests exactly one wins.
   */
  async claim(tx: EntityManager, claim: Claim): Promise<boolean> {
    const rows: unknown[] = await tx.query(
      `INSERT INTO idempotency_keys AS k (tenant_id, key, fingerprint, attempt_id, lease_until, expires_at)
       VALUES ($1, $2, $3, $4, now() + $5 * interval '1 ms', now() + ${KEPT})
       ON CONFLICT (tenant_id, key) DO UPDATE
       SET fingerprint = excluded.fingerprint, attempt_id = excluded.attempt_id, outcome = NULL,
           lease_until = excluded.lease_until, expires_at = excluded.expires_at
       WHERE k.expires_at < now()
          OR (k.outcome IS NULL AND k.lease_until < now() AND k.fingerprint = excluded.fingerprint)
       RETURNING 1 AS claimed`,
      [claim.tenantId, claim.key, claim.fingerprint, claim.attemptId, claim.leaseMs],
    );
    return rows.length > 0;
  }

  async find(tx: EntityManager, { tenantId, key }: Claim): Promise<EarlierAttempt | undefined> {
    const rows: EarlierAttempt[] = await tx.query(
      `SELECT fingerprint, outcome FROM idempotency_keys WHERE tenant_id = $1 AND key = $2`,
      [tenantId, key],
    );
    return rows[0];
  }

  /** Only of the attempt that holds the key: one that was given up must not speak for its successor. */
  async complete(tx: EntityManager, { tenantId, key, attemptId }: Claim, kept: KeptOutcome): Promise<void> {
    await tx.query(
      `UPDATE idempotency_keys SET fingerprint = $4, outcome = $5, expires_at = now() + ${KEPT}
       WHERE tenant_id = $1 AND key = $2 AND attempt_id = $3`,
      [tenantId, key, attemptId, kept.fingerprint, kept.outcome],
    );
  }

  async release(tx: EntityManager, { tenantId, key, attemptId }: Claim): Promise<void> {
    await tx.query(
      `DELETE FROM idempotency_keys WHERE tenant_id = $1 AND key = $2 AND attempt_id = $3 AND outcome IS NULL`,
      [tenantId, key, attemptId],
    );
  }

  /** Of all tenants: housekeeping. */
  async purge(tx: EntityManager): Promise<void> {
    await tx.query(
      `DELETE FROM idempotency_keys WHERE (tenant_id, key) IN
         (SELECT tenant_id, key FROM idempotency_keys WHERE expires_at < now() LIMIT 1000)`,
    );
  }
}
