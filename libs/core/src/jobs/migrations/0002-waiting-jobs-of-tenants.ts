import type { MigrationInterface, QueryRunner } from 'typeorm';
import { JOB_SCHEMA } from '../job-schema.js';

/** Finds a tenant's last place in the line of a queue, however much it has waiting there. */
export class WaitingJobsOfTenants1763700010002 implements MigrationInterface {
  name = 'WaitingJobsOfTenants1763700010002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX job_waiting_of_tenant ON ${JOB_SCHEMA}.job_common (name, (data->>'tenantId'), priority)
      WHERE state < 'active'`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
