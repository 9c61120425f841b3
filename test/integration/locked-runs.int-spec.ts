import { type TestDatabase, testDatabase } from '@guildhall/testing';
import pg from 'pg';
import type { Database } from '@guildhall/core';
import { RUN_MIGRATIONS } from '../../libs/runs/src/migrations/run-migrations.js';
import { FakeWorld, contextOf, harness } from '../../libs/runs/src/run-harness.js';

const onServer = process.env['TEST_DATABASE_URL'] === undefined ? describe.skip : describe;
const ctx = contextOf();
const body = { agentId: 'agt_test', input: { text: 'hi' } };

/** Only a server has a second session that can hold a lock. */
onServer('rows of runs and threads that a frozen client holds', () => {
  let testing: TestDatabase;
  let database: Database;
  let frozen: pg.Client;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: RUN_MIGRATIONS });
    ({ database } = await testing.connect());
    frozen = new pg.Client({ connectionString: testing.url });
    await frozen.connect();
  });
  afterEach(() => frozen.query('ROLLBACK'));
  afterAll(async () => {
    await frozen.end();
    await testing.close();
  });

  const hold = async (table: 'runs' | 'threads', id: string) => {
    await frozen.query('BEGIN');
    await frozen.query(`SELECT FROM ${table} WHERE id = $1 FOR UPDATE`, [id]);
  };

  it('cost no other run its lease: it is renewed at once, the locked one later', async () => {
    const one = harness(database, new FakeWorld(), { runWorkers: false });
    const [locked, free] = await Promise.all([1, 2].map(() => one.service.start(ctx, body, 'background')));
    await one.leases.claim('owner', 10);
    const ids = [locked!.run.id, free!.run.id];
    const shorten = `UPDATE runs SET lease_expires_at = now() + interval '1 s' WHERE id = ANY ($1)`;
    await database.pool.query(shorten, [ids]);
    const renewed = async () => {
      const text = `SELECT id FROM runs WHERE lease_expires_at > now() + interval '10 s' ORDER BY id`;
      return (await database.pool.query<{ id: string }>(text)).rows.map(({ id }) => id);
    };
    await hold('runs', locked!.run.id);
    await one.leases.renew('owner', ids);
    expect(await renewed()).toEqual([free!.run.id]);
    await frozen.query('ROLLBACK');
    await one.leases.renew('owner', ids);
    expect(await renewed()).toEqual(ids.toSorted());
  });

  it('fail a start on that thread, to be tried again, and hold up no start on another', async () => {
    const one = harness(database, new FakeWorld(), { runWorkers: false });
    const { run } = await one.service.start(ctx, body, 'background');
    await hold('threads', run.threadId);
    const first = one.service.start(ctx, body, 'background');
    const [locked, free] = await Promise.allSettled([
      one.service.start(ctx, { ...body, threadId: run.threadId }, 'background'),
      one.service.start(ctx, body, 'background'),
    ]);
    expect((await first).run.status).toBe('queued');
    expect(locked).toMatchObject({ status: 'rejected', reason: { code: '55P03' } });
    expect(free).toMatchObject({ status: 'fulfilled' });
  });
});
