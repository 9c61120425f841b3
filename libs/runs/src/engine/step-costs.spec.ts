import { AppError, type ModelSignal, type TokenUsage } from '@guildhall/sdk';
import { FakeWorld, type Harness, contextOf, replyOf } from '../run-harness.js';
import { toRunUsageDto } from '../run-step.dto.js';
import { useRunFixture } from '../spec-fixture/run-fixture.js';
import { addUsage } from './limits.js';

const FAILED: TokenUsage = { inputTokens: 4, outputTokens: 3, cachedTokens: 0, reasoningTokens: 2, costMicroUsd: 11 };
const SPENT: ModelSignal = { type: 'spent', provider: 'dear', model: 'large', usage: FAILED };
const ANSWERED = replyOf('').usage;
const BOTH = addUsage(FAILED, ANSWERED);

describe('what a run has cost', () => {
  const { ctx, database, processOf } = useRunFixture();

  const input = { agentId: 'agt_test', input: { text: 'hi' }, context: { userId: 'u1' } };
  const ended = async (world: FakeWorld, delivery: 'wait' | 'stream' = 'wait') => {
    const house = processOf(world);
    const { settled } = await house.service.start(ctx, input, delivery);
    const { id } = await settled(5000);
    return { house, run: await house.runs.get(ctx, id), ...(await usageOf(house, id)) };
  };
  const usageOf = async ({ runs }: Harness, id: string) => {
    const [{ usage }, steps, byModel] = await Promise.all([
      runs.get(ctx, id),
      runs.steps(ctx, id),
      runs.usageByModel(ctx, id),
    ]);
    return toRunUsageDto(usage, steps, byModel);
  };
  const eventsOf = async (runId: string) => {
    const text = 'SELECT type, payload FROM run_events WHERE run_id = $1 ORDER BY seq';
    return (await database().pool.query<{ type: string; payload: { usage: TokenUsage } }>(text, [runId])).rows;
  };
  const lastUsageTold = async (runId: string) =>
    (await eventsOf(runId)).findLast(({ type }) => type === 'usage.updated')?.payload.usage;
  const failingOver = () => {
    const world = new FakeWorld();
    world.respond = (_request, _ctx, onSignal) => {
      onSignal?.(SPENT);
      return replyOf('ok');
    };
    return world;
  };

  it('is both attempts of a call that failed over, each with its model, streamed or not', async () => {
    const [streamed, whole] = [await ended(failingOver(), 'stream'), await ended(failingOver())];
    expect(whole.usage).toEqual(BOTH);
    expect(whole.steps).toEqual([
      {
        stepId: expect.any(String),
        name: 'default',
        status: 'succeeded',
        usage: {
          ...BOTH,
          attempts: [
            { provider: 'dear', model: 'large', ...FAILED },
            { provider: 'fake', model: 'scripted', ...ANSWERED },
          ],
        },
      },
    ]);
    expect(whole.byModel).toEqual([
      { provider: 'dear', model: 'large', calls: 1, ...FAILED },
      { provider: 'fake', model: 'scripted', calls: 1, ...ANSWERED },
    ]);
    expect(await lastUsageTold(whole.run.id)).toEqual(BOTH);
    const ids = /"stepId":"[^"]+"|"messageId":"[^"]+"/g;
    const record = async (runId: string) => JSON.stringify(await eventsOf(runId)).replaceAll(ids, '');
    expect(await record(streamed.run.id)).toBe(await record(whole.run.id));
    expect({ ...streamed.steps[0], stepId: '' }).toEqual({ ...whole.steps[0], stepId: '' });
  });

  it('lists no attempts of a call that was answered at once', async () => {
    const { steps, usage } = await ended(new FakeWorld());
    expect(steps.map((step) => step.usage)).toEqual([ANSWERED]);
    expect(usage).toEqual(ANSWERED);
  });

  it('is what was spent on a call that nobody answered, and a retry adds to it', async () => {
    const world = new FakeWorld();
    world.respond = (_request, _ctx, onSignal, n) => {
      if (n > 1) return replyOf('at last');
      onSignal?.(SPENT);
      throw new AppError('upstream', 'provider_unavailable', 'down', { retryable: true });
    };
    const { house, run, usage, steps } = await ended(world);
    expect(run.status).toBe('failed');
    expect(usage).toEqual(FAILED);
    expect(steps).toMatchObject([{ status: 'failed', usage: { ...FAILED, attempts: [{ provider: 'dear' }] } }]);
    expect(await lastUsageTold(run.id)).toEqual(FAILED);

    await house.retries.retry(ctx, run.id);
    for (const claimed of await house.leases.claim(house.engine.owner, 10)) await house.engine.execute(claimed);
    const after = await usageOf(house, run.id);
    expect(after.usage).toEqual(BOTH);
    expect(after.steps).toMatchObject([
      { status: 'succeeded', usage: { ...BOTH, attempts: [{ provider: 'dear' }, { provider: 'fake' }] } },
    ]);
    expect(after.byModel.map(({ provider, costMicroUsd }) => [provider, costMicroUsd])).toEqual([
      ['dear', 11],
      ['fake', 7],
    ]);
  });

  it('is kept of a call that was cut off by a cancellation', async () => {
    const world = new FakeWorld();
    let called: (runId: string) => void;
    const calling = new Promise<string>((resolve) => (called = resolve));
    world.respond = (_request, { signal }, onSignal, n) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          onSignal?.(SPENT);
          reject(signal.reason as Error);
        });
        called(world.options[n - 1]!.attribution!.runId!);
      });
    const house = processOf(world);
    const { settled } = await house.service.start(ctx, input, 'wait');
    house.engine.cancel(await calling);
    const { id, status } = await settled(5000);
    expect(status).toBe('cancelled');
    const { usage, steps } = await usageOf(house, id);
    expect(usage).toEqual(FAILED);
    expect(steps).toMatchObject([{ status: 'superseded', usage: FAILED }]);
  });

  it('is told to the gateway as whose it is, and limited by what the run may cost', async () => {
    const world = new FakeWorld();
    let beyond: unknown;
    world.respond = async () => {
      const { allowance } = world.options[0]!;
      (await allowance!.reserve(1)).settle(world.agent.limits.maxCostMicroUsd);
      beyond = await allowance!.reserve(1).catch((error: unknown) => error);
      return replyOf('hello');
    };
    const { run } = await ended(world);
    expect(world.options).toMatchObject([
      { stream: false, attribution: { runId: run.id, agentId: 'agt_test', threadId: run.threadId, userId: 'u1' } },
    ]);
    expect(beyond).toMatchObject({ code: 'budget_exceeded' });
  });

  it('adds up to what its thread has cost', async () => {
    const { house, run } = await ended(failingOver());
    const { settled } = await house.service.start(ctx, { ...input, threadId: run.threadId }, 'wait');
    await settled(5000);
    expect(await house.runs.usageOfThread(ctx, run.threadId)).toEqual(addUsage(BOTH, BOTH));
    expect(await house.runs.usageOfThread(contextOf('ten_b'), run.threadId)).toEqual({
      inputTokens: 0,
      outputTokens: 0,
      cachedTokens: 0,
      costMicroUsd: 0,
    });
  });
});
