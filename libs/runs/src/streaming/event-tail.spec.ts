import { ListedRows } from '@guildhall/core';
import { NotFoundError } from '@guildhall/sdk';
import { NO_FAN_OUT, contextOf } from '../run-harness.js';
import type { RunEvent, RunEventType } from '../run-event.js';
import { EventTail } from './event-tail.js';
import type { EventBounds, RunEventRepository } from './run-event.repository.js';
import { RunSignals } from './run-signals.js';
import { RunWatch } from './run-watch.js';

const event = (seq: number, type: RunEventType) => ({ seq, type }) as RunEvent;

/** Readers of one run whose events and place are the test's to say; beats are noted with their second. */
function readersOf(kept: readonly RunEvent[] = []) {
  const ctx = contextOf();
  const leaving = new AbortController();
  const read = jest.fn(async (_ctx, _run, after: number, bounds: EventBounds) =>
    ListedRows.first(
      kept.filter(({ seq }) => seq > after),
      bounds,
    ),
  );
  const position = jest.fn().mockResolvedValue({ status: 'running', lastSeq: 0 });
  const grown = jest.fn().mockResolvedValue(new Map());
  const events = { after: read, position, grown } as unknown as RunEventRepository;
  const tail = new EventTail(events, new RunSignals(NO_FAN_OUT), new RunWatch(events, ctx.logger));
  const beats: number[] = [];
  const from = Date.now();
  const follow = async (after = 0) => {
    const options = { runId: 'run_1', threadId: 'thr_1', after, signal: leaving.signal };
    for await (const page of tail.follow(ctx, options)) if (page.length === 0) beats.push((Date.now() - from) / 1000);
    return 'ended';
  };
  return { follow, leave: () => leaving.abort(), beats, read, position, grown };
}

describe('a reader of a run that is silent', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('gets a heartbeat every 15 s, at which it asks the database once whether the run is over', async () => {
    const { follow, leave, beats, read, position, grown } = readersOf();
    const readers = [follow(), follow(), follow()];
    await jest.advanceTimersByTimeAsync(31_000);
    expect(beats).toEqual([15, 15, 15, 30, 30, 30]);
    expect([read, position, grown].map(({ mock }) => mock.calls.length)).toEqual([3, 6, 20]);
    leave();
    await Promise.all(readers);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is let go at the beat after the run was deleted', async () => {
    const { follow, beats, position } = readersOf();
    const reader = follow();
    await jest.advanceTimersByTimeAsync(16_000);
    position.mockRejectedValue(new NotFoundError('run', 'run_1'));
    await jest.advanceTimersByTimeAsync(15_000);
    expect([await reader, beats]).toEqual(['ended', [15]]);
  });

  it('is let go when the run ends before the event that it said it had', async () => {
    const { follow, beats, position } = readersOf([event(1, 'run.created')]);
    const reader = follow(99);
    await jest.advanceTimersByTimeAsync(16_000);
    position.mockResolvedValue({ status: 'succeeded', lastSeq: 12 });
    await jest.advanceTimersByTimeAsync(15_000);
    expect([await reader, beats]).toEqual(['ended', [15]]);
  });

  it('is let go though an event follows the one that should be the last', async () => {
    const { follow, beats, position } = readersOf([event(1, 'run.succeeded'), event(2, 'usage.updated')]);
    position.mockResolvedValue({ status: 'succeeded', lastSeq: 2 });
    const reader = follow();
    await jest.advanceTimersByTimeAsync(15_000);
    expect([await reader, beats]).toEqual(['ended', []]);
  });

  it('stays while the database is away', async () => {
    const { follow, leave, beats, position } = readersOf();
    position.mockRejectedValue(new Error('connect ECONNREFUSED'));
    const reader = follow();
    await jest.advanceTimersByTimeAsync(31_000);
    expect(beats).toEqual([15, 30]);
    leave();
    await reader;
  });
});

describe('a run that is busy', () => {
  it('is not asked after before its last event', async () => {
    const { follow, position } = readersOf([event(1, 'run.created'), event(2, 'run.succeeded')]);
    position.mockResolvedValue({ status: 'succeeded', lastSeq: 2 });
    expect(await follow()).toBe('ended');
    expect(position).toHaveBeenCalledTimes(1);
  });

  it('is read in parts that stay small though its events are large', async () => {
    const large = Array.from({ length: 9 }, (_, i) => ({
      ...event(i + 1, 'tool_call.completed'),
      text: 'x'.repeat(1e5),
    }));
    const { follow, position, read } = readersOf([...large, event(10, 'run.succeeded')]);
    position.mockResolvedValue({ status: 'succeeded', lastSeq: 10 });
    expect(await follow()).toBe('ended');
    expect(read.mock.calls.map(([, , after]) => after)).toEqual([0, 2, 4, 6, 8]);
  });
});
