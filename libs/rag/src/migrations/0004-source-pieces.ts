import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A document's bytes in pieces: neither who stores it nor who reads it has more than one of them in hand. Renamed, so that
 * a process of the version before fails aloud and tries again, instead of taking one piece for the whole.
 */
export class SourcePieces1763700200003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE document_sources RENAME TO document_source_pieces;
      ALTER TABLE document_source_pieces ADD COLUMN ordinal integer NOT NULL DEFAULT 0;
      ALTER TABLE document_source_pieces DROP CONSTRAINT document_sources_pkey,
        ADD PRIMARY KEY (document_id, ordinal);
    `);
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}
