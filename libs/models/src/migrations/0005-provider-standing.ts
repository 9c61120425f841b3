import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a provider has ever answered as it is configured. Of those stored before, nothing is known. */
export class ProviderStanding1763800400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE model_providers
        ADD COLUMN standing text NOT NULL DEFAULT 'unasked'
          CHECK (standing IN ('unasked', 'undecided', 'failed', 'proven')),
        ADD COLUMN standing_reason text`);
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}
