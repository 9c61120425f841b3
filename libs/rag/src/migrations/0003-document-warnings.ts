import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How a document was read, and the table headers that its chunks repeat. Documents from before keep what they have. */
export class DocumentWarnings1763700200002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE documents
        ADD COLUMN warnings jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN text_kind text CHECK (text_kind IN ('source', 'extracted'));
      ALTER TABLE chunks ADD COLUMN repeated text;
      ALTER TABLE documents ALTER COLUMN text SET STORAGE EXTERNAL`);
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}
