import { exponential, retry } from './retry.js';

const never = new AbortController().signal;
const failing = (times: number, error = new Error('reset')) => {
  let calls = 0;
  return { work: async () => (calls++ < times ? Promise.reject(error) : 'done'), calls: () => calls };
};

describe('retry', () => {
  it('succeeds after two failures that are worth another try, and tells of both', async () => {
    const { work } = failing(2);
    const told: number[] = [];
    const onRetry = (_: unknown, attempt: number) => told.push(attempt);
    expect(await retry(work, { retryable: () => true, signal: never, onRetry, delayMs: () => 0 })).toBe('done');
    expect(told).toEqual([1, 2]);
  });

  it('gives up after three attempts with the last error', async () => {
    const { work, calls } = failing(9);
    await expect(retry(work, { retryable: () => true, signal: never, delayMs: () => 0 })).rejects.toThrow('reset');
    expect(calls()).toBe(3);
  });

  it('does not repeat an error that will come again', async () => {
    const { work, calls } = failing(9, new Error('syntax'));
    await expect(retry(work, { retryable: () => false, signal: never })).rejects.toThrow('syntax');
    expect(calls()).toBe(1);
  });

  it('stops waiting when the caller is gone, and throws what went wrong', async () => {
    const { work, calls } = failing(9);
    const caller = new AbortController();
    const waiting = retry(work, { retryable: () => true, signal: caller.signal, delayMs: () => 60_000 });
    setImmediate(() => caller.abort());
    await expect(waiting).rejects.toThrow('reset');
    expect(calls()).toBe(1);
  });

  it('waits one second, then two, give or take a quarter', () => {
    for (let i = 0; i < 50; i++) {
      expect(exponential(0)).toBeGreaterThanOrEqual(750);
      expect(exponential(0)).toBeLessThanOrEqual(1250);
      expect(exponential(1)).toBeGreaterThanOrEqual(1500);
      expect(exponential(1)).toBeLessThanOrEqual(2500);
    }
  });
});
