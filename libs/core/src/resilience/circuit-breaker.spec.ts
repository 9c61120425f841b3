import fc from 'fast-check';
import { CancelledError } from '@guildhall/sdk';
import { type BreakerState, CircuitBreaker, CircuitOpenError } from './circuit-breaker.js';

const down = () => Promise.reject(new Error('down'));
const up = () => Promise.resolve('up');

function breakerAt(clock: { at: number }, changes: BreakerState[] = []) {
  return new CircuitBreaker({ name: 'groq', now: () => clock.at, onChange: (state) => changes.push(state) });
}

async function failTimes(breaker: CircuitBreaker, times: number) {
  for (let i = 0; i < times; i++) await expect(breaker.run(down)).rejects.toThrow('down');
}

describe('CircuitBreaker', () => {
  it('passes results and errors through while closed', async () => {
    const breaker = breakerAt({ at: 0 });
    await expect(breaker.run(up)).resolves.toBe('up');
    await failTimes(breaker, 4);
    expect(breaker.state).toBe('closed');
  });

  it('opens after five failures in a row and then refuses at once, without calling', async () => {
    const clock = { at: 0 };
    const breaker = breakerAt(clock);
    await failTimes(breaker, 5);
    const work = jest.fn(up);
    const refusal = await breaker.run(work).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CircuitOpenError);
    expect(refusal).toMatchObject({ category: 'unavailable', code: 'provider_unavailable', retryAfterMs: 60_000 });
    expect(work).not.toHaveBeenCalled();
  });

  it('starts counting anew after a success', async () => {
    const breaker = breakerAt({ at: 0 });
    await failTimes(breaker, 4);
    await breaker.run(up);
    await failTimes(breaker, 4);
    expect(breaker.state).toBe('closed');
  });

  it('does not count its own refusals: the probe comes after 60 s however often it was asked', async () => {
    const clock = { at: 0 };
    const breaker = breakerAt(clock);
    await failTimes(breaker, 5);
    clock.at = 59_999;
    await expect(breaker.run(up)).rejects.toBeInstanceOf(CircuitOpenError);
    clock.at = 60_000;
    expect(breaker.state).toBe('half_open');
    await expect(breaker.run(up)).resolves.toBe('up');
    expect(breaker.state).toBe('closed');
  });

  it('lets exactly one probe through while half-open', async () => {
    const clock = { at: 0 };
    const breaker = breakerAt(clock);
    await failTimes(breaker, 5);
    clock.at = 60_000;
    let answer: (value: string) => void = () => undefined;
    const first = breaker.run(() => new Promise<string>((resolve) => (answer = resolve)));
    await expect(breaker.run(up)).rejects.toBeInstanceOf(CircuitOpenError);
    answer('alive');
    await expect(first).resolves.toBe('alive');
    await expect(breaker.run(up)).resolves.toBe('up');
  });

  it('opens for another 60 s when the probe fails', async () => {
    const clock = { at: 0 };
    const breaker = breakerAt(clock);
    await failTimes(breaker, 5);
    clock.at = 60_000;
    await failTimes(breaker, 1);
    clock.at = 119_999;
    expect(breaker.state).toBe('open');
    clock.at = 120_000;
    expect(breaker.state).toBe('half_open');
  });

  it('frees the probe when it was cancelled, without a verdict', async () => {
    const clock = { at: 0 };
    const breaker = breakerAt(clock);
    await failTimes(breaker, 5);
    clock.at = 60_000;
    await expect(breaker.run(() => Promise.reject(new CancelledError()))).rejects.toThrow('Cancelled');
    expect(breaker.state).toBe('half_open');
    await expect(breaker.run(up)).resolves.toBe('up');
  });

  it('counts only what the predicate calls a failure', async () => {
    const breaker = new CircuitBreaker({ name: 'x', counts: (error) => error instanceof RangeError });
    await failTimes(breaker, 20);
    expect(breaker.state).toBe('closed');
    for (let i = 0; i < 5; i++) await breaker.run(() => Promise.reject(new RangeError())).catch(() => undefined);
    expect(breaker.state).toBe('open');
  });

  it('does not count an aborted call', async () => {
    const breaker = breakerAt({ at: 0 });
    const abort = () => Promise.reject(AbortSignal.abort().reason as Error);
    for (let i = 0; i < 9; i++) await breaker.run(abort).catch(() => undefined);
    expect(breaker.state).toBe('closed');
  });

  it('ignores the late outcome of a call that began before it opened', async () => {
    const clock = { at: 0 };
    const breaker = breakerAt(clock);
    const slow = breaker.enter();
    await failTimes(breaker, 5);
    slow.succeeded();
    expect(breaker.state).toBe('open');
    clock.at = 60_000;
    slow.failed(new Error('late'));
    expect(breaker.state).toBe('half_open');
  });

  it('can be closed early by a background probe', async () => {
    const breaker = breakerAt({ at: 0 });
    await failTimes(breaker, 5);
    breaker.close();
    await expect(breaker.run(up)).resolves.toBe('up');
  });

  it('reports every change once', async () => {
    const clock = { at: 0 };
    const changes: BreakerState[] = [];
    const breaker = breakerAt(clock, changes);
    await failTimes(breaker, 5);
    clock.at = 60_000;
    await breaker.run(up);
    breaker.close();
    expect(changes).toEqual(['open', 'half_open', 'closed']);
  });

  it('never calls more often than the limit while everything fails within one period', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 0, max: 50 }), async (failures, calls) => {
        const work = jest.fn(down);
        const breaker = new CircuitBreaker({ name: 'x', failures, now: () => 0 });
        for (let i = 0; i < calls; i++) await breaker.run(work).catch(() => undefined);
        expect(work).toHaveBeenCalledTimes(Math.min(failures, calls));
      }),
    );
  });
});
