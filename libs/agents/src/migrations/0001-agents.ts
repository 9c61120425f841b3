import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Agents with the draft that is edited, and the immutable versions that runs execute. */
export class Agents1763700400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE agents (
        id text PRIMARY KEY,
        tenant_id text NOT NULL,
        user_id text NOT NULL,
        name text NOT NULL,
        kind text NOT NULL,
        type text,
        status text NOT NULL,
        is_active boolean NOT NULL DEFAULT true,
        draft jsonb NOT NULL,
        draft_changed boolean NOT NULL DEFAULT false,
        published_version integer NOT NULL,
        revision integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        archived_at timestamptz
      )`);
    await runner.query(`CREATE INDEX agents_newest ON agents (tenant_id, id DESC) WHERE archived_at IS NULL`);
    await runner.query(`CREATE INDEX agents_of_user ON agents (user_id, type, status) WHERE is_active`);
    await runner.query(`
      CREATE TABLE agent_versions (
        agent_id text NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
        version integer NOT NULL,
        tenant_id text NOT NULL,
        status text NOT NULL CHECK (status IN ('draft', 'published', 'retired')),
        definition jsonb NOT NULL,
        note text,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (agent_id, version)
      )`);
    // What new runs take is never ambiguous, whatever publishes at the same time.
    await runner.query(
      `CREATE UNIQUE INDEX agent_versions_published ON agent_versions (agent_id) WHERE status = 'published'`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
