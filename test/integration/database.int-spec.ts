import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type TestDatabase, testDatabase } from '@guildhall/testing';

class CreateNotes1763700010900 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE note (id text PRIMARY KEY, author text NOT NULL, seq bigint GENERATED ALWAYS AS IDENTITY)');
  }
  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

describe('database', () => {
  let testing: TestDatabase;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: [CreateNotes1763700010900] });
  });
  afterAll(() => testing.close());

  it('opens with the migrations applied', async () => {
    const { source } = await testing.connect();
    await source.query(`INSERT INTO note (id, author) VALUES ('a', 'x')`);
    expect(await source.query('SELECT id FROM note')).toEqual([{ id: 'a' }]);
  });

  it('does not let parallel transactions interleave', async () => {
    const { source } = await testing.connect();
    const write = (author: string, fails: boolean) =>
      source
        .transaction(async (tx) => {
          for (let i = 0; i < 10; i++) await tx.query('INSERT INTO note (id, author) VALUES ($1, $2)', [`${author}${i}`, author]);
          if (fails) throw new Error('rolled back');
        })
        .catch(() => undefined);
    await Promise.all([write('p', false), write('q', true), write('r', false)]);
    const rows = await source.query(`SELECT author, count(*)::int AS n FROM note WHERE author IN ('p','q','r') GROUP BY 1 ORDER BY 1`);
    expect(rows).toEqual([{ author: 'p', n: 10 }, { author: 'r', n: 10 }]);
  });
});
