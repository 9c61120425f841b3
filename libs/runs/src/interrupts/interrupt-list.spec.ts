import { Cursors } from '@guildhall/core';
import { FakeWorld } from '../run-harness.js';
import { useRunFixture } from '../spec-fixture/run-fixture.js';
import { INTERRUPT_STATUSES, InterruptRepository } from './interrupt.repository.js';
import { InterruptService } from './interrupt.service.js';

describe('the list of interrupts', () => {
  const { ctx, database, sql, processOf, finish } = useRunFixture();

  const cursors = new Cursors({ for: () => Buffer.alloc(32) } as never);

  /** Three questions of one run, of which the time of one is over. */
  async function house() {
    const world = new FakeWorld();
    world.run = async (run) => {
      await Promise.all(['A?', 'B?', 'C?'].map((prompt) => run.ask({ kind: 'question', prompt })));
      return { text: '', citations: [] };
    };
    const process = processOf(world);
    const interrupts = new InterruptService(database(), new InterruptRepository(), process.runs, cursors, {} as never);
    const { id } = await finish(process);
    const expire = `UPDATE interrupts SET expires_at = now() - interval '1 s' WHERE run_id = $1 AND prompt = 'A?'`;
    await sql(expire, [id]);
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
