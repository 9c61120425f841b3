import type { Logger } from '@guildhall/sdk';
import { FakeWorld, NO_FAN_OUT, replyOf } from '../run-harness.js';
import { useRunFixture } from '../spec-fixture/run-fixture.js';
import { EventTail } from './event-tail.js';
import { RunEventRepository } from './run-event.repository.js';
import { RunSignals } from './run-signals.js';
import { RunWatch } from './run-watch.js';

const warned: unknown[] = [];
const logger = { warn: (...words: unknown[]) => warned.push(words) } as unknown as Logger;

describe('the watch over runs', () => {
  const { ctx, database, processOf, start } = useRunFixture();

  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  const repository = () => new RunEventRepository(database());
  /** A run that stays at its first model call until it is let go on. */
  async function started() {
    const world = new FakeWorld();
    const called = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    world.respond = async () => {
      called.resolve();
      await go.promise;
      return replyOf('hello');
    };
    const { run, settled } = await start(processOf(world), 'stream');
    await called.promise;
    return { run, end: () => (go.resolve(), settled(5000)) };
  }
  const lastSeqOf = async (runId: string) => (await repository().position(ctx, runId)).lastSeq;

  it('lets a reader see what nobody told it of', async () => {
    const { run, end } = await started();
    const watch = new RunWatch(repository(), logger);
    const asked = jest.spyOn(watch, 'watch');
    // As in another process: nothing of what the engine says arrives.
    const tail = new EventTail(repository(), new RunSignals(NO_FAN_OUT), watch);
    const { id: runId, threadId } = run;
    const pages = tail.follow(ctx, { runId, threadId, after: 0, signal: ctx.signal });
    const seen = (await pages.next()).value!.length;
    const next = pages.next();
    await end();
    while (asked.mock.calls.length === 0) await new Promise(setImmediate);
    await watch.look();
    const page = (await next).value!;
    expect(page[0]!.seq).toBe(seen + 1);
    expect(page.at(-1)!.type).toBe('run.succeeded');
    expect((await pages.next()).done).toBe(true);
  });

  it('asks the database once for all readers, and wakes only those with something to read', async () => {
    const [one, another] = [await started(), await started()];
    const watch = new RunWatch(repository(), logger);
    const last = await lastSeqOf(one.run.id);
    const woken: string[] = [];
    const add = (name: string, runId: string, seen: number, tenantId = 'ten_a') =>
      watch.watch({ tenantId, runId, seen, wake: () => woken.push(name) });
    const stops = [
      add('has it all', one.run.id, last),
      add('is behind', one.run.id, last - 1),
      add('is far behind', one.run.id, 0),
      add('waits for another run', another.run.id, await lastSeqOf(another.run.id)),
      add('is a stranger', another.run.id, 0, 'ten_b'),
    ];
    const queries = jest.spyOn(database().pool, 'query');
    await watch.look();
    expect(queries).toHaveBeenCalledTimes(1);
    expect(woken).toEqual(['is behind', 'is far behind']);
    for (const stop of stops) stop();
    await Promise.all([one.end(), another.end()]);
  });

  it('looks again and again while somebody waits, and not at all when nobody does', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
    const events = repository();
    const grown = jest.spyOn(events, 'grown').mockResolvedValue(new Map([['run_1', 4]]));
    const watch = new RunWatch(events, logger);
    const wake = jest.fn();
    const stop = watch.watch({ tenantId: 'ten_a', runId: 'run_1', seen: 3, wake });
    await jest.advanceTimersByTimeAsync(1_499);
    expect(wake).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1_501);
    expect(wake).toHaveBeenCalledTimes(2);
    stop();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(grown).toHaveBeenCalledTimes(2);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('looks once at a time, says when it cannot, and tries again', async () => {
    const events = repository();
    const slow = Promise.withResolvers<Map<string, number>>();
    const grown = jest.spyOn(events, 'grown').mockReturnValueOnce(slow.promise);
    const watch = new RunWatch(events, logger);
    const wake = jest.fn();
    const stop = watch.watch({ tenantId: 'ten_a', runId: 'run_1', seen: 3, wake });
    const first = watch.look();
    await watch.look();
    expect(grown).toHaveBeenCalledTimes(1);
    slow.reject(new Error('The database is away'));
    await first;
    expect(JSON.stringify(warned)).toContain('Cannot look for news of runs');
    grown.mockResolvedValueOnce(new Map([['run_1', 4]]));
    await watch.look();
    expect(wake).toHaveBeenCalledTimes(1);
    stop();
  });
});
