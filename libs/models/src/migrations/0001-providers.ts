import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Providers that administrators configure; their keys are sealed. */
export class Providers1763700300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE model_providers (
        tenant_id text NOT NULL,
        id text NOT NULL,
        kind text NOT NULL,
        base_url text,
        sealed_api_key text,
        trust text NOT NULL CHECK (trust IN ('tenant', 'operator')),
        priority integer NOT NULL,
        models jsonb NOT NULL,
        timeouts jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      )`);
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}
