import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Idempotency1763700020000 implements MigrationInterface {
  name = 'Idempotency1763700020000';

  async up(runner: QueryRunner): Promise<void> {
    // `outcome` null: the first attempt still runs, until `lease_until`.
    await runner.query(`
      CREATE TABLE idempotency_keys (
        tenant_id text NOT NULL,
        key text NOT NULL,
        fingerprint text NOT NULL,
        attempt_id text NOT NULL,
        outcome text,
        lease_until timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, key)
      )`);
    await runner.query(`CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at)`);
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}
