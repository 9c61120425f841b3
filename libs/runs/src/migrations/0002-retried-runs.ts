import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RetriedRuns1763800300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Events up to this one were removed before the run was retried: whoever is behind them has missed some for good.
    await runner.query(`ALTER TABLE runs ADD COLUMN pruned_seq integer NOT NULL DEFAULT 0`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
