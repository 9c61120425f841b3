import { useRunFixture } from './spec-fixture/run-fixture.js';

describe('the lists of one user', () => {
  const { database } = useRunFixture();

  it.each([
    ['threads', 'user_id', 'threads_of_user', 'threads_newest'],
    ['runs', `context ->> 'userId'`, 'runs_of_user', 'runs_newest'],
  ])('of %s are read from an index of their own', async (table, user, index, other) => {
    const runner = database().manager.connection.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SET LOCAL enable_seqscan = off');
    await runner.query(`DROP INDEX ${other}`);
    const select = `SELECT id FROM ${table} WHERE tenant_id = 't' AND ${user} = 'ann' AND id < 'x' ORDER BY id DESC`;
    const plan: unknown = await runner.query(`EXPLAIN ${select} LIMIT 21`);
    await runner.rollbackTransaction();
    await runner.release();
    expect(JSON.stringify(plan)).toContain(index);
    expect(JSON.stringify(plan)).not.toContain('Sort');
  });
});
