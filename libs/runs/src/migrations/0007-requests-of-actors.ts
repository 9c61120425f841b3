import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RequestsOfActors1763800340000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Until the new index is there, another process must not start a run with a key once more.
    await runner.query(`LOCK TABLE runs IN SHARE ROW EXCLUSIVE MODE`);
    // Two keys of a tenant that send the same Idempotency-Key do not meet.
    await runner.query(`
      CREATE UNIQUE INDEX runs_by_request_of_actor ON runs (tenant_id, request_key, (origin #>> '{actor,id}'))
      WHERE request_key IS NOT NULL`);
    await runner.query(`DROP INDEX runs_by_request`);
    // Processes of the release before know a repeated start by this name.
    await runner.query(`ALTER INDEX runs_by_request_of_actor RENAME TO runs_by_request`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
