import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Callers that know an agent by its name only, as clients of OpenAI do, ask for it at every call. */
export class AgentsByName1763700400002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX agents_by_name ON agents (tenant_id, name, id DESC) WHERE is_active AND archived_at IS NULL`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
