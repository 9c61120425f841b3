import type { ToolExecution, ToolFailure } from '@guildhall/sdk';
import { z } from 'zod';
import { InterruptRepository } from '../../interrupts/interrupt.repository.js';
import { InterruptService } from '../../interrupts/interrupt.service.js';
import { FakeWorld, type Harness, replyOf } from '../../run-harness.js';
import { useRunFixture } from '../../spec-fixture/run-fixture.js';

const call = (tool: string, id = `call_${tool}`) => ({ id, tool, input: { n: 1 } });
const LATE: ToolFailure = {
  code: 'tool_timeout',
  category: 'timeout',
  message: 'did not answer within 5 ms',
  retryable: true,
};
const cutOff: ToolExecution = { ok: false, error: LATE, durationMs: 5, outcome: 'unknown' };

describe('a tool call of a run', () => {
  const { ctx, database, sql, processOf, finish, goOn } = useRunFixture();

  /** A world whose model calls this tool once, and that answers in turn with these. */
  function calling(tool: string, ...answers: ToolExecution[]) {
    const world = new FakeWorld();
    world.respond = (request) =>
      request.messages.some(({ role }) => role === 'tool') ? replyOf('end') : replyOf('', [call(tool)]);
    world.use = () => answers.shift()!;
    return world;
  }
  const audit = { record: () => Promise.resolve() } as never;
  function house(world: FakeWorld) {
    const process = processOf(world);
    const interrupts = new InterruptService(database(), new InterruptRepository(), process.runs, {} as never, audit);
    return { ...process, interrupts };
  }
  const toolStep = async ({ runs }: Harness, runId: string) => {
    const step = (await runs.steps(ctx, runId)).find(({ kind }) => kind === 'tool')!;
    return { ...step, ...(await runs.stepContents(ctx, runId, [step.id], 1)).items[0] };
  };

  it.each(['look', 'store', 'pay'])('that failed is recorded as what it was, of the tool %s', async (tool) => {
    const error: ToolFailure = {
      code: 'order_not_found',
      message: 'No order 7',
      category: 'not_found',
      retryable: false,
    };
    const world = calling(tool, { ok: false, error, durationMs: 1 });
    const one = house(world);
    const run = await finish(one);
    expect(run.status).toBe('succeeded');
    expect(await toolStep(one, run.id)).toMatchObject({ status: 'failed', error });
    expect(world.requests[1]!.messages.at(-1)).toMatchObject({
      failed: true,
      output: { code: 'order_not_found', message: 'No order 7' },
    });
  });

  it.each(['look', 'store'])('that was cut off is a failure the model reads, of the tool %s', async (tool) => {
    const one = house(calling(tool, cutOff));
    const run = await finish(one);
    expect(run.status).toBe('succeeded');
    expect((await toolStep(one, run.id)).error).toEqual(LATE);
  });

  it('has a key of its own, though a vendor gives each reply the same ids and a worker asks a model of its own', async () => {
    const world = new FakeWorld();
    world.addWorker('pack', z.object({}), async (run) => run.tool(call('store', 'call_1')));
    world.run = async (run) => {
      await run.tool(call('store', 'call_1'));
      await run.worker('pack', {});
      await run.tool(call('store', 'call_1'));
      return { text: '', citations: [] };
    };
    const run = await finish(house(world));
    expect(run.status).toBe('succeeded');
    expect(world.calls.map(({ key }) => key)).toEqual(['', ':2.1', ':3'].map((step) => `${run.id}:call_1${step}`));
  });

  describe('that was cut off, of an unsafe tool', () => {
    it('stops the run until a person says what became of it; the model hears nothing', async () => {
      const world = calling('pay', cutOff);
      const one = house(world);
      const run = await finish(one);
      expect(run).toMatchObject({ status: 'needs_attention' });
      const interrupts = await sql('SELECT kind, tool_call FROM interrupts WHERE run_id = $1', [run.id]);
      expect(interrupts).toEqual([{ kind: 'unknown_effect', tool_call: call('pay') }]);
      expect(await toolStep(one, run.id)).toMatchObject({ status: 'failed', error: { code: 'outcome_unknown' } });
      expect(world.requests).toHaveLength(1);
    });

    it('is answered by what a person says was done, and not made again', async () => {
      const world = calling('pay', cutOff);
      const one = house(world);
      const run = await finish(one);
      await one.interrupts.resume(ctx, run.id, { decision: 'done', value: { receipt: 7 } });
      expect((await goOn(house(world), run.id)).status).toBe('succeeded');
      expect(world.calls).toHaveLength(1);
      expect(world.requests.at(-1)!.messages.at(-1)).toMatchObject({ role: 'tool', output: { receipt: 7 } });
      expect(await toolStep(one, run.id)).toMatchObject({ status: 'succeeded', output: { receipt: 7 } });
    });

    it('is given up where a person says so, and the model hears that it may have taken effect', async () => {
      const world = calling('pay', cutOff);
      const one = house(world);
      const run = await finish(one);
      await one.interrupts.resume(ctx, run.id, { decision: 'reject' });
      expect((await goOn(one, run.id)).status).toBe('succeeded');
      expect(world.calls).toHaveLength(1);
      const output = { message: expect.stringContaining('may have taken effect, so do not make it again') };
      expect(world.requests.at(-1)!.messages.at(-1)).toMatchObject({ failed: true, output });
    });

    it('is made again with the same key where a person says so, and asked about again when that is cut off', async () => {
      const world = calling('pay', cutOff, cutOff, { ok: true, output: 'paid', durationMs: 1 });
      const one = house(world);
      const run = await finish(one);
      await one.interrupts.resume(ctx, run.id, { decision: 'retry' });
      expect((await goOn(one, run.id)).status).toBe('needs_attention');
      await one.interrupts.resume(ctx, run.id, { decision: 'retry' });
      expect((await goOn(one, run.id)).status).toBe('succeeded');
      expect(new Set(world.calls.map(({ key }) => key)).size).toBe(1);
      expect(world.calls).toHaveLength(3);
      expect(await toolStep(one, run.id)).toMatchObject({ status: 'succeeded', attempt: 3, output: 'paid' });
    });

    it('keeps nobody from cancelling the run', async () => {
      const one = house(calling('pay', cutOff));
      const run = await finish(one);
      expect((await one.control.cancel(ctx, run.id)).status).toBe('cancelled');
    });
  });
});
