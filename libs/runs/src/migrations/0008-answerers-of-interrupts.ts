import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AnswerersOfInterrupts1763800350000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Processes of the release before do not name it.
    await runner.query(`
      ALTER TABLE interrupts ADD COLUMN answer_by text NOT NULL DEFAULT 'anyone'
        CHECK (answer_by IN ('anyone', 'other'))`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
