import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OneRunPerRequest1763800330000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Until the index is there, another process must not start a run with a key once more.
    await runner.query(`LOCK TABLE runs IN SHARE ROW EXCLUSIVE MODE`);
    // Of runs with one key the newest keeps it: that is the one which a repeated request was answered with so far.
    await runner.query(`
      UPDATE runs r SET request_key = NULL FROM runs newer
      WHERE newer.tenant_id = r.tenant_id AND newer.request_key = r.request_key AND newer.id > r.id`);
    // A keyed request finds the run it started, and a late start of its first attempt cannot make a second one.
    await runner.query(`
      CREATE UNIQUE INDEX runs_by_request ON runs (tenant_id, request_key) WHERE request_key IS NOT NULL`);
    await runner.query(`DROP INDEX runs_of_request`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
