import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Bytes that stay for seconds are not worth compressing: that took half of the time of a large upload. */
export class PlainSources1763700200001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE document_sources ALTER COLUMN bytes SET STORAGE EXTERNAL');
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}
