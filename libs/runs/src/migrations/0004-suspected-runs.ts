import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SuspectedRuns1763800310000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Nearly always empty: every claim looks here for a run whose workers all died.
    await runner.query(`CREATE INDEX runs_suspected ON runs (turn) WHERE status = 'queued' AND ready AND crashes >= 2`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
