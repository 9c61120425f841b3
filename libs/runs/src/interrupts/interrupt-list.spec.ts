import { type TestDatabase, testDatabase } from '@guildhall/testing';
import { Cursors, type Database } from '@guildhall/core';
import { RUN_MIGRATIONS } from '../migrations/run-migrations.js';
import { FakeWorld, contextOf, harness } from '../run-harness.js';
import { INTERRUPT_STATUSES, InterruptRepository } from './interrupt.repository.js';
import { InterruptService } from './interrupt.service.js';

describe('the list of interrupts', () => {
  let testing: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: RUN_MIGRATIONS });
    ({ database } = await testing.connect());
  });
  afterAll(() => testing.close());

  const ctx = contextOf();
  const cursors = new Cursors({ for: () => Buffer.alloc(32) } as never);

  /** Three questions of one run, of which the time of one is over. */
  async function house() {
    const world = new FakeWorld();
    world.run = async (run) => {
      await Promise.all(['A?', 'B?', 'C?'].map((prompt) => run.ask({ kind: 'question', prompt })));
      return { text: '', citations: [] };
    };
    const { runs, service } = harness(database, world);
    const interrupts = new InterruptService(database, new InterruptRepository(), runs, cursors);
    const { settled } = await service.start(ctx, { agentId: 'agt', input: { text: 'hi' } }, 'wait');
    const { id } = await settled(5000);
    const expire = `UPDATE interrupts SET expires_at = now() - interval '1 s' WHERE run_id = $1 AND prompt = 'A?'`;
    await database.pool.query(expire, [id]);
    return { interrupts, runId: id };
  }

  it('has each under the status that it has when read alone, also before a sweep has noted it', async () => {
    const { interrupts, runId } = await house();
    const prompts: Record<string, string[]> = {};
    for (const status of INTERRUPT_STATUSES) {
      const { items } = await interrupts.list(ctx, { limit: 20, status, runId });
      for (const item of items) expect(await interrupts.get(ctx, item.id)).toEqual(item);
      expect(new Set(items.map((item) => item.status))).toEqual(new Set(items.length > 0 ? [status] : []));
      prompts[status] = items.map(({ prompt }) => prompt).toSorted();
    }
    expect(prompts).toEqual({ pending: ['B?', 'C?'], answered: [], expired: ['A?'], cancelled: [] });
  });

  it('counts all that match, where it is asked to', async () => {
    const { interrupts, runId } = await house();
    const query = { limit: 1, status: 'pending' as const, runId };
    const page = await interrupts.list(ctx, { ...query, total: true });
    expect(page.pagination).toMatchObject({ count: 1, hasMore: true, total: 2 });
    expect((await interrupts.list(ctx, query)).pagination).not.toHaveProperty('total');
    const expired = await interrupts.list(ctx, { ...query, status: 'expired', total: true });
    expect(expired.pagination).toMatchObject({ count: 1, hasMore: false, total: 1 });
  });
});
