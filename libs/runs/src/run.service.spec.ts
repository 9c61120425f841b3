import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { Database } from '@guildhall/core';
import type { ModelReply } from '@guildhall/sdk';
import { RUN_MIGRATIONS } from './migrations/run-migrations.js';
import { FakeWorld, contextOf, harness } from './run-harness.js';

describe('a keyed request that is repeated after its process died', () => {
  let testing: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: RUN_MIGRATIONS });
    ({ database } = await testing.connect());
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => testing.close());

  const ctx = contextOf();

  /** A run at work, and a keyed request behind it whose process died when its own run was committed. */
  async function diedBeforeItMadeWay(onBusy: 'enqueue' | 'interrupt' | 'rollback') {
    const world = new FakeWorld();
    world.respond = () => new Promise<ModelReply>(() => {});
    const process = harness(database, world);
    const { run: active } = await process.service.start(ctx, { agentId: 'agt', input: { text: 'first' } }, 'wait');
    const keyed = { ...ctx, idempotencyKey: `key of ${active.id}` };
    const body = { agentId: 'agt', threadId: active.threadId, input: { text: 'instead' }, onBusy };
    const start = () => process.service.start(keyed, body, 'background');
    if (onBusy === 'enqueue') await start();
    else {
      jest.spyOn(process.control, 'clearThread').mockRejectedValueOnce(new Error('died'));
      await expect(start()).rejects.toThrow('died');
    }
    return { process, active, repeat: start };
  }

  it.each(['interrupt', 'rollback'] as const)('makes way for its run, where it is to %s', async (onBusy) => {
    const { process, active, repeat } = await diedBeforeItMadeWay(onBusy);
    const { run } = await repeat();
    expect((await process.runs.get(ctx, active.id)).status).toBe('cancelled');
    // The thread is handed on when the engine has let go, which nobody waits for; the sweep does so too.
    await process.sweeper.sweep(ctx);
    const claimed = await process.leases.claim(process.engine.owner, 10);
    expect(claimed.map(({ id }) => id)).toEqual([run.id]);
  });

  it('leaves the run before it alone, where it is to queue', async () => {
    const { process, active, repeat } = await diedBeforeItMadeWay('enqueue');
    expect((await repeat()).run.status).toBe('queued');
    expect((await process.runs.get(ctx, active.id)).status).toBe('running');
  });
});
