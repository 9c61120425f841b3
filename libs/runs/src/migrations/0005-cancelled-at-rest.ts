import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CancelledAtRest1763800320000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Nearly always empty: every sweep looks here for a run that came to rest before it heard that it was cancelled.
    await runner.query(`
      CREATE INDEX runs_cancelled_at_rest ON runs (id)
      WHERE status IN ('waiting', 'needs_attention') AND cancel_requested_at IS NOT NULL`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
