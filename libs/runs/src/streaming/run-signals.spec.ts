import { NO_FAN_OUT } from '../run-harness.js';
import { RunSignals } from './run-signals.js';

const open = new AbortController().signal;

describe('whoever listens for news of a run', () => {
  it('hears those that came before it waited', async () => {
    const signals = new RunSignals(NO_FAN_OUT);
    const listening = signals.listen('run_1', open);
    signals.wake('run_1');
    expect(await listening.heardWithin(60_000)).toBe(true);
  });

  it('goes on listening after its time was up', async () => {
    const signals = new RunSignals(NO_FAN_OUT);
    const listening = signals.listen('run_1', open);
    expect(await listening.heardWithin(-5)).toBe(false);
    signals.wake('run_1');
    expect(await listening.heardWithin(60_000)).toBe(true);
  });

  it('hears nothing of other runs, but of a gap in the news', async () => {
    const signals = new RunSignals(NO_FAN_OUT);
    const listening = signals.listen('run_1', open);
    signals.wake('run_2');
    expect(await listening.heardWithin(0)).toBe(false);
    signals.wakeAll();
    expect(await listening.heardWithin(60_000)).toBe(true);
  });

  it('is woken by an abort, also by one before', async () => {
    const signals = new RunSignals(NO_FAN_OUT);
    const reader = new AbortController();
    const before = signals.listen('run_1', reader.signal);
    reader.abort();
    expect(await before.heardWithin(60_000)).toBe(true);
    expect(await signals.listen('run_1', reader.signal).heardWithin(60_000)).toBe(true);
  });

  it('leaves nothing behind when it stops', () => {
    const signals = new RunSignals(NO_FAN_OUT);
    const added = jest.spyOn(open, 'addEventListener');
    const removed = jest.spyOn(open, 'removeEventListener');
    const [one, another] = [signals.listen('run_1', open), signals.listen('run_1', open)];
    one.stop();
    signals.wake('run_1');
    another.stop();
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
    expect(signals).toMatchObject({ waiting: new Map() });
    jest.restoreAllMocks();
  });
});
