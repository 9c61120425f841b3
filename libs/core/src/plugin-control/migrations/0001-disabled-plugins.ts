import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Plugins run unless they are here: for all tenants, in every process. */
export class DisabledPlugins1763700035000 implements MigrationInterface {
  name = 'DisabledPlugins1763700035000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE disabled_plugins (
        id text PRIMARY KEY,
        disabled_by text NOT NULL,
        disabled_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}
