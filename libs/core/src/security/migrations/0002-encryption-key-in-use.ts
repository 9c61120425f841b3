import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The name of the key that this database's secrets are sealed with; the name does not tell the key. */
export class EncryptionKeyInUse1763700030001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE encryption_key_in_use (
        the_only boolean PRIMARY KEY DEFAULT true CHECK (the_only),
        key_id text NOT NULL,
        since timestamptz NOT NULL DEFAULT now()
      )`);
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}
