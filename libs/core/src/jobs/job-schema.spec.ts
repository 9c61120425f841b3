import { readFileSync } from 'node:fs';
import { withoutTransaction } from './migrations/0001-job-queue.js';

/** What the migrations make; pg-boss names what it wants in its package.json. */
const JOB_SCHEMA_VERSION = 46;

describe('the job queue schema', () => {
  it('is the one that the installed pg-boss wants; else it is time for a migration', () => {
    const { pgboss } = JSON.parse(readFileSync('node_modules/pg-boss/package.json', 'utf8')) as {
      pgboss: { schema: number };
    };
    expect(JOB_SCHEMA_VERSION).toBe(pgboss.schema);
  });

  it('takes the plans out of their own transaction, and only such', () => {
    expect(withoutTransaction('\n BEGIN;\nSELECT 1;\nCOMMIT;\n').trim()).toBe('SELECT 1;');
    expect(() => withoutTransaction('SELECT 1;')).toThrow('unknown form');
  });
});
