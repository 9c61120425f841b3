import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { Database } from '@guildhall/core';
import { type ModelReply, type RunContext, UpstreamError } from '@guildhall/sdk';
import { RUN_MIGRATIONS } from '../migrations/run-migrations.js';
import { FakeWorld, type Harness, contextOf, harness, replyOf } from '../run-harness.js';

const never = <T>(): Promise<T> => new Promise<T>(() => {});
const pay = { id: 'call_pay', tool: 'pay', input: { amount: 5 } };

describe('a run that ends while steps of it are under way', () => {
  let testing: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: RUN_MIGRATIONS });
    ({ database } = await testing.connect());
  });
  afterAll(() => testing.close());

  const ctx = contextOf();
  const start = ({ service }: Harness) => service.start(ctx, { agentId: 'agt', input: { text: 'hi' } }, 'wait');
  const stepsOf = async ({ runs }: Harness, runId: string) =>
    (await runs.steps(ctx, runId)).map(({ kind, status, error, finishedAt }) => ({
      kind,
      status,
      code: error?.code,
      isFinished: finishedAt !== null,
    }));

  /** Asks and pays at once, and then does something else; paying never ends. */
  function busy(then: (run: RunContext) => Promise<unknown>) {
    const world = new FakeWorld();
    const paying = new Promise<void>((resolve) => {
      world.use = () => {
        resolve();
        return never();
      };
    });
    world.run = async (run) => {
      const others = [run.ask({ kind: 'question', prompt: 'Which size?' }), run.tool(pay)];
      await Promise.all([...others, paying.then(() => then(run))]);
      return { text: '', citations: [] };
    };
    return { world, paying, process: harness(database, world) };
  }
  const ended = { status: 'failed', isFinished: true };

  it('closes them when it is cancelled', async () => {
    const thinking = Promise.withResolvers<void>();
    const { world, process } = busy((run) => run.model({ model: { route: 'default' }, messages: [] }));
    world.respond = () => {
      thinking.resolve();
      return never<ModelReply>();
    };
    const { run } = await start(process);
    await thinking.promise;
    expect((await process.control.cancel(ctx, run.id)).status).toBe('cancelled');
    expect(await stepsOf(process, run.id)).toEqual([
      { ...ended, kind: 'interrupt', code: 'cancelled' },
      { ...ended, kind: 'tool', code: 'outcome_unknown' },
    ]);
  });

  it('closes them when it fails, also one that begins with its last write; a retry asks what became of the call', async () => {
    const { world, process } = busy(async (run) => {
      void run.ask({ kind: 'question', prompt: 'Which colour?' });
      throw new UpstreamError('provider_unavailable', 'down');
    });
    const run = await (await start(process)).settled(5000);
    expect(run).toMatchObject({ status: 'failed', error: { code: 'provider_unavailable' } });
    const question = { ...ended, kind: 'interrupt', code: 'provider_unavailable' };
    const steps = await stepsOf(process, run.id);
    expect(steps).toEqual(expect.arrayContaining([question, { ...ended, kind: 'tool', code: 'outcome_unknown' }]));
    expect(steps.every(({ isFinished }) => isFinished)).toBe(true);
    world.run = async (again) => {
      await Promise.all([again.ask({ kind: 'question', prompt: 'Which size?' }), again.tool(pay)]);
      return { text: '', citations: [] };
    };
    await process.retries.retry(ctx, run.id);
    for (const claimed of await process.leases.claim(process.engine.owner, 10)) await process.engine.execute(claimed);
    expect((await process.runs.get(ctx, run.id)).status).toBe('needs_attention');
    expect(world.calls).toHaveLength(1);
  });

  it('leaves those alone that ended, where it ends well', async () => {
    const world = new FakeWorld();
    world.respond = ({ messages }) =>
      messages.some(({ role }) => role === 'tool') ? replyOf('end') : replyOf('', [pay]);
    const process = harness(database, world);
    const { id } = await (await start(process)).settled(5000);
    expect((await stepsOf(process, id)).map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });
});
