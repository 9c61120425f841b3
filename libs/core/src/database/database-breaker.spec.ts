import type { Pool } from 'pg';
import { DatabaseBreaker } from './database-breaker.js';

const refused = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));

describe('the breaker before the database', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const open = async (breaker: DatabaseBreaker) => {
    for (let i = 0; i < 5; i++) await expect(breaker.run(refused)).rejects.toThrow('refused');
  };

  it('refuses at once after five lost connections, as an unavailable database', async () => {
    const breaker = new DatabaseBreaker({ query: refused } as unknown as Pool, { failures: 5, openMs: 60_000 });
    await open(breaker);
    expect(breaker.open).toBe(true);
    await expect(breaker.run(async () => 1)).rejects.toMatchObject({ code: 'database_unavailable' });
    breaker.stopProbe();
  });

  it('closes early when the database answers a probe', async () => {
    let answers = false;
    const query = () => (answers ? Promise.resolve({ rows: [] }) : refused());
    const breaker = new DatabaseBreaker({ query } as unknown as Pool, { failures: 5, openMs: 60_000 });
    await open(breaker);
    await jest.advanceTimersByTimeAsync(3_000);
    expect(breaker.open).toBe(true);
    answers = true;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(breaker.open).toBe(false);
    expect(await breaker.run(async () => 1)).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not count what the database answered', async () => {
    const breaker = new DatabaseBreaker({ query: refused } as unknown as Pool, { failures: 5, openMs: 60_000 });
    const duplicate = () => Promise.reject(Object.assign(new Error('duplicate'), { code: '23505' }));
    for (let i = 0; i < 9; i++) await expect(breaker.run(duplicate)).rejects.toThrow('duplicate');
    expect(breaker.open).toBe(false);
  });
});
