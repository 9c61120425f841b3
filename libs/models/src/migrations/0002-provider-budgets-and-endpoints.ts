import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a provider may cost a day, and further keys and addresses of it; their keys are sealed. */
export class ProviderBudgetsAndEndpoints1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE model_providers
        ADD COLUMN budget_micro_usd_per_day bigint,
        ADD COLUMN endpoints jsonb NOT NULL DEFAULT '[]'`);
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}
