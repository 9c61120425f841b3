import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { Database } from '@guildhall/core';
import { ThreadsAndRuns1763700100000 } from '../migrations/0001-threads-and-runs.js';
import { FakeWorld, contextOf, harness, replyOf } from '../run-harness.js';

describe('the run engine', () => {
  let testing: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: [ThreadsAndRuns1763700100000] });
    ({ database } = await testing.connect());
  });
  afterAll(() => testing.close());

  const ctx = contextOf();
  const eventsOf = async (runId: string) =>
    (await database.pool.query('SELECT seq, type, payload FROM run_events WHERE run_id = $1 ORDER BY seq', [runId]))
      .rows;

  it('runs an agent with two statements when the caller waits', async () => {
    const { service } = harness(database, new FakeWorld());
    const query = jest.spyOn(database.pool, 'query');
    const { settled } = await service.start(ctx, { agentId: 'agt_test', input: { text: 'hi' } }, 'wait');
    const run = await settled(5000);
    expect(run).toMatchObject({ status: 'succeeded', output: { text: 'hello', citations: [] }, attempts: 1 });
    expect(query).toHaveBeenCalledTimes(2);
    query.mockRestore();
    expect((await eventsOf(run.id)).map(({ seq, type }) => `${seq} ${type}`)).toEqual([
      '1 run.created',
      '2 run.started',
      '3 step.started',
      '4 provider.selected',
      '5 message.delta',
      '6 message.completed',
      '7 usage.updated',
      '8 step.completed',
      '9 run.succeeded',
    ]);
    expect(replyOf('x').text).toBe('x');
  });
});
