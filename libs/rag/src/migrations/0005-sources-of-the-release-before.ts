import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Gives processes of the release before their table back, with what waited in it: they read and write whole documents
 * there until the last of them is replaced. Only documents in several pieces are copied; there are none but from a build
 * between the two.
 */
export class SourcesOfTheReleaseBefore1763700200004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE document_source_pieces RENAME TO document_sources;
      ALTER TABLE document_sources DROP CONSTRAINT document_source_pieces_pkey;
      CREATE TABLE document_source_pieces (
        document_id text NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        ordinal integer NOT NULL,
        bytes bytea NOT NULL,
        PRIMARY KEY (document_id, ordinal)
      );
      ALTER TABLE document_source_pieces ALTER COLUMN bytes SET STORAGE EXTERNAL;
      INSERT INTO document_source_pieces (document_id, ordinal, bytes)
        SELECT document_id, ordinal, bytes FROM document_sources
        WHERE document_id IN (SELECT document_id FROM document_sources WHERE ordinal > 0);
      DELETE FROM document_sources s USING document_source_pieces p WHERE s.document_id = p.document_id;
      ALTER TABLE document_sources DROP COLUMN ordinal,
        ADD CONSTRAINT document_sources_pkey PRIMARY KEY (document_id);
    `);
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}
