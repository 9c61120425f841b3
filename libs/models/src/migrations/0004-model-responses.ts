import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Responses of the OpenAI-compatible surface, each with what was said to get it. `json` and not `jsonb`: they are told
 * again as they were, and may hold escapes that `jsonb` refuses.
 */
export class ModelResponses1763800200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE model_responses (
        tenant_id text NOT NULL,
        id text NOT NULL,
        previous_id text,
        input json NOT NULL,
        response json NOT NULL,
        bytes integer NOT NULL,
        run_id text,
        thread_id text,
        created_at timestamptz NOT NULL DEFAULT now(),
        used_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      )`);
    await runner.query('CREATE INDEX model_responses_used_at ON model_responses (used_at)');
  }

  down(): Promise<void> {
    throw new Error('Migrations run forward only');
  }
}
