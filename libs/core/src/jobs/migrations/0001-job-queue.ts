import { getConstructionPlans } from 'pg-boss';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { JOB_SCHEMA } from '../job-schema.js';

/**
 * pg-boss's tables, as the installed version makes them. When a newer pg-boss wants another schema, the next migration
 * applies its `getMigrationPlans` where the version in the database is older; a spec tells when that day has come.
 */
export class JobQueue1763700010001 implements MigrationInterface {
  name = 'JobQueue1763700010001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(withoutTransaction(getConstructionPlans(JOB_SCHEMA)));
    await runner.query(`
      CREATE INDEX job_tenant ON ${JOB_SCHEMA}.job_common ((data->>'tenantId'), id DESC)
      WHERE data->>'tenantId' IS NOT NULL`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

/** The plans bring their own BEGIN and COMMIT; migrations have one transaction for all. @internal for specs */
export function withoutTransaction(plans: string): string {
  const inner = /^\s*BEGIN;(.*)COMMIT;\s*$/s.exec(plans)?.[1];
  if (inner === undefined) throw new Error('pg-boss plans have an unknown form');
  return inner;
}
