import { UpstreamError } from '@guildhall/sdk';
import { FakeWorld, type Harness, contextOf, replyOf } from './run-harness.js';
import type { Run } from './run.js';
import { call, useEngineFixture } from './spec-fixture/engine-fixture.js';
import { never } from './spec-fixture/run-fixture.js';

const { ctx, sql, processOf, start, finish, expireLease, takeOver, eventsOf, typesOf, stepsOf } = useEngineFixture();

afterEach(() => jest.restoreAllMocks());

describe('cancelling a run', () => {
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
    const process = processOf(world);
    const cancelled = cancelBeforeItRests(process);
    const { run } = await start(process);
    expect(await cancelled).toMatchObject({ id: run.id, status: 'cancelled', error: { code: 'cancelled' } });
    expect((await process.control.cancel(ctx, run.id)).status).toBe('cancelled');
  });
});

describe('rolling a run back', () => {
  it('lets it answer nothing that was said before it, should it begin in between', async () => {
    const world = new FakeWorld();
    const one = processOf(world);
    const { threadId } = await finish(one, { input: { text: 'pay the bill' } });
    world.respond = never;
    const { run } = await start(one, 'wait', { threadId, input: { text: 'no, wait' } });
    await sql('DELETE FROM messages WHERE run_id = $1', [run.id]);
    await expireLease(run.id);
    world.respond = () => replyOf('waiting');
    await takeOver(processOf(world), run.id);
    const asked = world.requests.at(-1)!.messages.filter(({ role }) => role === 'user');
    expect(asked.map((message) => 'text' in message && message.text)).toEqual(['pay the bill', 'no, wait']);
  });
});

describe('cancel and retry', () => {
  it('cancel aborts the model call, ends the run once, and may be repeated', async () => {
    const world = new FakeWorld();
    let aborted = false;
    world.respond = (_request, { signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(signal.reason);
        }),
      );
    const one = processOf(world);
    const { run, settled } = await start(one);
    expect(await one.control.cancel(ctx, run.id)).toMatchObject({
      status: 'cancelled',
      error: { code: 'cancelled' },
    });
    expect(aborted).toBe(true);
    expect((await settled(1000)).status).toBe('cancelled');
    expect((await one.control.cancel(ctx, run.id)).status).toBe('cancelled');
    expect((await typesOf(run.id)).at(-1)).toBe('run.cancelled');
  });

  it("cancel of a finished run is a conflict, of another tenant's not found", async () => {
    const one = processOf();
    const run = await finish(one);
    await expect(one.control.cancel(ctx, run.id)).rejects.toMatchObject({ code: 'run_already_finished' });
    await expect(one.control.cancel(contextOf('ten_b'), run.id)).rejects.toMatchObject({ code: 'run_not_found' });
  });

  it('cancel reaches a run whose process died', async () => {
    const world = new FakeWorld();
    world.respond = never;
    const { run } = await start(processOf(world));
    await sql('UPDATE runs SET cancel_requested_at = now() WHERE id = $1', [run.id]);
    await expireLease(run.id);
    expect((await takeOver(processOf(world), run.id)).status).toBe('cancelled');
  });

  it('retry goes on from the step that failed', async () => {
    const world = new FakeWorld();
    world.respond = (_request, _ctx, _signal, n) => {
      if (n === 2) throw new UpstreamError('provider_unavailable', 'down');
      return n === 1 ? replyOf('', [call('look')]) : replyOf('at last');
    };
    const one = processOf(world);
    const failed = await finish(one);
    expect(failed).toMatchObject({ status: 'failed', attempts: 1 });
    expect(await one.retries.retry(ctx, failed.id)).toMatchObject({ status: 'queued', attempts: 2, error: null });
    const after = await takeOver(one, failed.id);
    expect(after).toMatchObject({ status: 'succeeded', output: { text: 'at last' }, attempts: 2 });
    expect(world.requests).toHaveLength(3);
    expect(world.calls).toHaveLength(1);
    await expect(one.retries.retry(ctx, failed.id)).rejects.toMatchObject({ code: 'run_already_finished' });
  });

  describe('retry with another version', () => {
    /** A run whose second model call failed, after a tool had been called. */
    async function failedHalfWay(world: FakeWorld) {
      world.respond = (request, _ctx, _signal, n) => {
        if (n === 2) throw new UpstreamError('provider_unavailable', 'down');
        return n === 1 ? replyOf('', [call('look')]) : replyOf(`by ${request.model.name}`);
      };
      const one = processOf(world);
      return { one, failed: await finish(one) };
    }

    it.each([2, 'published'] as const)('(%s) goes on from the failed step by its definition', async (version) => {
      const world = new FakeWorld();
      world.versions[1] = { ...world.agent, model: { provider: 'other', name: 'healthy' } };
      const { one, failed } = await failedHalfWay(world);
      world.published = 2;
      expect(await one.retries.retry(ctx, failed.id, version)).toMatchObject({ status: 'queued', agentVersion: 2 });
      const after = await takeOver(one, failed.id);
      expect(after).toMatchObject({ status: 'succeeded', output: { text: 'by healthy' }, agentVersion: 2 });
      expect(world.calls).toHaveLength(1);
      const resumed = (await eventsOf(failed.id)).find(({ type }) => type === 'run.resumed');
      expect(resumed).toMatchObject({ payload: { attempt: 2, agentVersion: 2 } });
      const names = (await stepsOf(failed.id)).map(({ name, status, attempt }) => [name, status, attempt]);
      expect(names).toEqual([
        ['default', 'succeeded', 1],
        ['look', 'succeeded', 1],
        ['other/healthy', 'succeeded', 2],
      ]);
    });

    it('needs attention when it contradicts the record, and goes on with the one it fits', async () => {
      const world = new FakeWorld();
      const { one, failed } = await failedHalfWay(world);
      world.versions[1] = { ...world.agent, name: 'other way' };
      const usual = world.run;
      world.run = async (run, agent) => {
        if (agent.name === 'other way') await run.retrieve({ collectionId: 'col_1', query: '?', topK: 1 });
        return usual(run, agent);
      };
      await one.retries.retry(ctx, failed.id, 2);
      expect(await takeOver(one, failed.id)).toMatchObject({
        status: 'needs_attention',
        error: { code: 'nondeterministic' },
      });
      await one.retries.retry(ctx, failed.id, 1);
      expect(await takeOver(one, failed.id)).toMatchObject({ status: 'succeeded', agentVersion: 1, attempts: 3 });
      expect(world.calls).toHaveLength(1);
    });
  });
});
