import { UpstreamError } from '@guildhall/sdk';
import { Cursors } from '@guildhall/core';
import { FakeWorld, type Harness, replyOf } from './run-harness.js';
import { never, useRunFixture } from './spec-fixture/run-fixture.js';
import { ThreadRepository } from './threads/thread.repository.js';
import { ThreadService } from './threads/thread.service.js';

describe('the end of a run', () => {
  const { ctx, database, sql, processOf, start, finish, expireLease, takeOver, diedIn } = useRunFixture();

  /** A run that waits for an answer. */
  async function asking(world = new FakeWorld()) {
    world.run = async (run) => {
      await run.ask({ kind: 'question', prompt: 'Which size?' });
      return { text: '', citations: [] };
    };
    const process = processOf(world);
    return { world, process, run: await finish(process) };
  }

  /** A run whose model never answers. */
  async function thinking(world = new FakeWorld()) {
    const asked = Promise.withResolvers<void>();
    world.respond = () => {
      asked.resolve();
      return never();
    };
    const process = processOf(world);
    const started = await start(process);
    await asked.promise;
    return { world, process, run: started.run, settled: () => started.settled(5000) };
  }

  const deleteThread = ({ threads, engine, ends }: Harness, threadId: string) =>
    new ThreadService(database(), new ThreadRepository(), threads, engine, ends, {} as Cursors).delete(ctx, threadId);

  it('is told in one line: how it ended, how long it took, what it cost, and in whose name it ran', async () => {
    const world = new FakeWorld();
    const process = processOf(world);
    const run = await finish(process);
    expect(world.ended).toEqual([
      {
        runId: run.id,
        tenantId: 'ten_a',
        agentId: 'agt_test',
        agentVersion: 1,
        status: 'succeeded',
        durationMs: run.finishedAt!.getTime() - run.startedAt!.getTime(),
        steps: 1,
        inputTokens: 10,
        outputTokens: 5,
        cachedTokens: 1,
        costMicroUsd: 7,
        requestId: 'req-test',
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
  });

  it('is told with the caller’s trace, and with nothing of what was said', async () => {
    const world = new FakeWorld();
    world.respond = () => {
      throw new UpstreamError('provider_unavailable', 'the card 4111 was declined');
    };
    const process = processOf(world);
    const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;
    const input = { agentId: 'agt_test', input: { text: 'my card is 4111' } };
    await (await process.service.start({ ...ctx, traceparent }, input, 'wait')).settled(5000);
    expect(world.ended).toMatchObject([
      { status: 'failed', code: 'provider_unavailable', traceId: 'ab'.repeat(16), steps: 1 },
    ]);
    expect(JSON.stringify(world.ended)).not.toContain('4111');
  });

  it('is told once of a run that is cancelled at work or at rest, or loses its thread', async () => {
    const atWork = await thinking();
    await atWork.process.control.cancel(ctx, atWork.run.id);
    await atWork.settled();
    const atRest = await asking();
    await atRest.process.control.cancel(ctx, atRest.run.id);
    await atRest.process.control.cancel(ctx, atRest.run.id);
    const deleted = await thinking();
    await deleteThread(deleted.process, deleted.run.threadId);
    for (const { world, run } of [atWork, atRest, deleted]) {
      expect(world.ended).toMatchObject([{ runId: run.id, status: 'cancelled', code: 'cancelled' }]);
      expect(world.events).toEqual(['run.cancelled']);
    }
    const over = processOf(new FakeWorld());
    await deleteThread(over, atRest.run.threadId);
    expect(await over.metrics.registry.metrics()).not.toMatch(/^runs_total\{/m);
  });

  it('is told of a run whose time is up', async () => {
    const world = new FakeWorld();
    world.agent = { ...world.agent, limits: { ...world.agent.limits, timeoutMs: 30 } };
    world.respond = () => never();
    await finish(processOf(world));
    expect(world.ended).toMatchObject([{ status: 'failed', code: 'timed_out' }]);
  });

  it('is told by whoever sweeps a run that nobody answered', async () => {
    const { world, process, run } = await asking();
    expect(world.ended).toEqual([]);
    await sql(`UPDATE interrupts SET expires_at = now() - interval '1 s' WHERE run_id = $1`, [run.id]);
    await Promise.all([process.sweeper.sweep(ctx), process.sweeper.sweep(ctx)]);
    expect(world.ended).toMatchObject([{ runId: run.id, status: 'failed', code: 'interrupt_expired', steps: 1 }]);
  });

  it('is told of a run that kills its workers by the one that gives it up, with what it had spent', async () => {
    const { world, run } = await diedIn({ id: 'call_1', tool: 'store', input: {} });
    await sql('UPDATE runs SET crashes = 2 WHERE id = $1', [run.id]);
    const successor = processOf(world);
    await takeOver(successor, run.id);
    expect(world.ended).toMatchObject([
      { runId: run.id, status: 'failed', code: 'crashed_repeatedly', steps: 2, inputTokens: 10, costMicroUsd: 7 },
    ]);
    expect(await successor.metrics.registry.metrics()).toContain('runs_total{status="failed",category="internal"} 1');
  });

  it('is told by the process that took the run over, not by the one that lost it', async () => {
    const late = await thinking();
    await expireLease(late.run.id);
    const world = new FakeWorld();
    await takeOver(processOf(world), late.run.id);
    await late.settled();
    expect([late.world.ended, world.ended]).toMatchObject([[], [{ runId: late.run.id, status: 'succeeded' }]]);
  });

  it('is told of a run that cannot even begin', async () => {
    const world = new FakeWorld();
    const process = processOf(world, { runWorkers: false });
    const { run } = await start(process, 'background');
    jest.spyOn(process.agents, 'resolve').mockRejectedValue(new UpstreamError('agent_gone', 'gone'));
    await takeOver(process, run.id);
    expect(world.ended).toMatchObject([{ runId: run.id, status: 'failed', code: 'agent_gone' }]);
  });

  it('is counted by status and by the category of its error, whatever a plugin calls that', async () => {
    const world = new FakeWorld();
    const process = processOf(world);
    await finish(process);
    const errors = ['upstream', 'made_up', '__proto__'].map((category) =>
      Object.assign(new UpstreamError('x', 'x'), { category }),
    );
    for (const error of errors) {
      world.respond = () => {
        throw error;
      };
      await finish(process);
    }
    world.respond = () => replyOf('well');
    await finish(process);
    const text = await process.metrics.registry.metrics();
    expect(text.match(/^runs_total\{.*$/gm)).toEqual([
      'runs_total{status="succeeded",category="none"} 2',
      'runs_total{status="failed",category="upstream"} 1',
      'runs_total{status="failed",category="internal"} 2',
    ]);
    expect(text).toContain('run_duration_seconds_count{status="failed"} 3');
  });
});
