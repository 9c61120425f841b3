import { type ModelReply, type RunContext, UpstreamError } from '@guildhall/sdk';
import { FakeWorld, replyOf } from '../run-harness.js';
import { call, gate, useEngineFixture } from '../spec-fixture/engine-fixture.js';
import { never } from '../spec-fixture/run-fixture.js';

const { ctx, sql, processOf, start, finish, goOn, typesOf, stepEnds } = useEngineFixture();

describe('a run that ends while steps of it are under way', () => {
  const pay = { id: 'call_pay', tool: 'pay', input: { amount: 5 } };

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
    return { world, paying, process: processOf(world) };
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
    expect(await stepEnds(process, run.id)).toEqual([
      { ...ended, kind: 'interrupt', code: 'cancelled' },
      { ...ended, kind: 'tool', code: 'outcome_unknown' },
    ]);
  });

  it('closes them when it fails, also one that begins with its last write; a retry asks what became of the call', async () => {
    const { world, process } = busy(async (run) => {
      void run.ask({ kind: 'question', prompt: 'Which colour?' });
      throw new UpstreamError('provider_unavailable', 'down');
    });
    const run = await finish(process);
    expect(run).toMatchObject({ status: 'failed', error: { code: 'provider_unavailable' } });
    const question = { ...ended, kind: 'interrupt', code: 'provider_unavailable' };
    const steps = await stepEnds(process, run.id);
    expect(steps).toEqual(expect.arrayContaining([question, { ...ended, kind: 'tool', code: 'outcome_unknown' }]));
    expect(steps.every(({ isFinished }) => isFinished)).toBe(true);
    world.run = async (again) => {
      await Promise.all([again.ask({ kind: 'question', prompt: 'Which size?' }), again.tool(pay)]);
      return { text: '', citations: [] };
    };
    await process.retries.retry(ctx, run.id);
    expect((await goOn(process, run.id)).status).toBe('needs_attention');
    expect(world.calls).toHaveLength(1);
  });

  it('leaves those alone that ended, where it ends well', async () => {
    const world = new FakeWorld();
    world.respond = ({ messages }) =>
      messages.some(({ role }) => role === 'tool') ? replyOf('end') : replyOf('', [pay]);
    const process = processOf(world);
    const { id } = await finish(process);
    expect((await stepEnds(process, id)).map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });
});

describe('what a function leaves under way when its run ends', () => {
  const late = gate();
  const payLate = async (run: RunContext) => {
    await late.opened;
    return run.tool(call('pay'));
  };

  it.each([
    ['fails', 'failed', (run: RunContext) => Promise.all([payLate(run), Promise.reject(new Error('no'))])],
    ['succeeds', 'succeeded', (run: RunContext) => Promise.race([payLate(run), run.now()])],
  ])('begins nothing more: it %s', async (_, status, work) => {
    const world = new FakeWorld();
    world.run = async (run) => {
      await work(run);
      return { text: 'done', citations: [] };
    };
    const run = await finish(processOf(world));
    expect(run.status).toBe(status);
    late.open();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(world.calls).toEqual([]);
  });

  it('is cut off, and what it may have done to the world is noted', async () => {
    const world = new FakeWorld();
    const paying = gate();
    world.use = (_call, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
        paying.open();
      });
    world.run = async (run) => {
      await Promise.all([run.tool(call('pay')), paying.opened.then(() => Promise.reject(new Error('no')))]);
      return { text: 'done', citations: [] };
    };
    const run = await finish(processOf(world));
    expect(run.status).toBe('failed');
    expect(await sql('SELECT status, error FROM run_steps WHERE run_id = $1', [run.id])).toMatchObject([
      { status: 'failed', error: { code: 'outcome_unknown' } },
    ]);
    expect((await typesOf(run.id)).slice(-2)).toEqual(['step.failed', 'run.failed']);
  });
});
