import { NO_FAN_OUT } from '@guildhall/core';
import { contextOf } from '../run-harness.js';
import { EventTail } from './event-tail.js';
import type { RunEventRepository } from './run-event.repository.js';
import { RunSignals } from './run-signals.js';
import { RunWatch } from './run-watch.js';

describe('a reader of a run that is silent', () => {
  afterEach(() => jest.useRealTimers());

  it('gets a heartbeat every 15 s, and each asks the database nothing of its own', async () => {
    jest.useFakeTimers();
    const ctx = contextOf();
    const reader = new AbortController();
    const after = jest.fn().mockResolvedValue([]);
    const grown = jest.fn().mockResolvedValue(new Map());
    const events = { after, grown } as unknown as RunEventRepository;
    const signals = new RunSignals(NO_FAN_OUT);
    const tail = new EventTail(events, signals, new RunWatch(events, ctx.logger));
    const options = { runId: 'run_1', threadId: 'thr_1', after: 0, signal: reader.signal };
    const beats: number[] = [];
    const from = Date.now();
    const readers = Array.from({ length: 3 }, async () => {
      for await (const page of tail.follow(ctx, options)) beats.push(page.length, (Date.now() - from) / 1000);
    });
    await jest.advanceTimersByTimeAsync(31_000);
    expect(beats).toEqual([0, 15, 0, 15, 0, 15, 0, 30, 0, 30, 0, 30]);
    expect(after).toHaveBeenCalledTimes(3);
    expect(grown).toHaveBeenCalledTimes(20);
    reader.abort();
    await Promise.all(readers);
    expect(jest.getTimerCount()).toBe(0);
  });
});
