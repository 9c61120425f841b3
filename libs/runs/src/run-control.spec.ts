import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { Database } from '@guildhall/core';
import { RUN_MIGRATIONS } from './migrations/run-migrations.js';
import { FakeWorld, type Harness, contextOf, harness } from './run-harness.js';
import type { Run } from './run.js';

describe('cancelling a run', () => {
  let testing: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: RUN_MIGRATIONS });
    ({ database } = await testing.connect());
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => testing.close());

  const ctx = contextOf();

  /** Calls `cancel` when the engine has made up its mind to let the run rest, and lets it write only once that is noted. */
  function cancelBeforeItRests({ committer, engine, control }: Harness): Promise<Run> {
    const noted = new Promise<void>((resolve) => jest.spyOn(engine, 'cancel').mockImplementation(() => resolve()));
    const record = committer.record.bind(committer);
    return new Promise((resolve) => {
      jest.spyOn(committer, 'record').mockImplementation(async (progress) => {
        if (progress.status === 'waiting') {
          resolve(control.cancel(ctx, progress.run_id));
          await noted;
        }
        return record(progress);
      });
    });
  }

  it('holds where it meets one that is about to wait for an answer', async () => {
    const world = new FakeWorld();
    world.run = async (run) => {
      await run.ask({ kind: 'question', prompt: 'Which size?' });
      return { text: '', citations: [] };
    };
    const process = harness(database, world);
    const cancelled = cancelBeforeItRests(process);
    const { run } = await process.service.start(ctx, { agentId: 'agt', input: { text: 'hi' } }, 'wait');
    expect(await cancelled).toMatchObject({ id: run.id, status: 'cancelled', error: { code: 'cancelled' } });
    expect((await process.control.cancel(ctx, run.id)).status).toBe('cancelled');
  });
});
