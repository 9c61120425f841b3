import type { MigrationInterface, QueryRunner } from 'typeorm';

export class UsersOfRuns1763800360000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Only of those that name a user: the others would only make their insertion dearer.
    await runner.query(`
      CREATE INDEX threads_of_user ON threads (tenant_id, user_id, id DESC) WHERE user_id IS NOT NULL`);
    await runner.query(`
      CREATE INDEX runs_of_user ON runs (tenant_id, (context ->> 'userId'), id DESC)
      WHERE context ->> 'userId' IS NOT NULL`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
