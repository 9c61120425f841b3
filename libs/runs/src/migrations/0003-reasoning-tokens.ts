import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ReasoningTokens1763800100001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Null: no vendor said how much of the run's output was thinking.
    await runner.query(`ALTER TABLE runs ADD COLUMN reasoning_tokens bigint`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
