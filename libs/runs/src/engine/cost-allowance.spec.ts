import fc from 'fast-check';
import { CostAllowance } from './cost-allowance.js';

const signal = new AbortController().signal;

describe('what a run may cost', () => {
  it('is refused when it is spent', async () => {
    const allowance = new CostAllowance(10, 10, signal);
    await expect(allowance.reserve(1)).rejects.toMatchObject({
      code: 'budget_exceeded',
      message:
        'Cost limit exceeded: the run cost 10 micro-USD and may cost 10: raise limits.maxCostMicroUsd of the agent',
    });
  });

  it('waits while others may yet leave something', async () => {
    const allowance = new CostAllowance(10, 0, signal);
    const first = await allowance.reserve(50);
    const second = allowance.reserve(5);
    const third = allowance.reserve(5);
    first.settle(9);
    (await second).settle(1);
    await expect(third).rejects.toMatchObject({ code: 'budget_exceeded' });
  });

  it('waits no longer than the run lasts', async () => {
    const controller = new AbortController();
    const allowance = new CostAllowance(10, 0, controller.signal);
    await allowance.reserve(50);
    const waiting = allowance.reserve(5);
    controller.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
  });

  it('is never overstepped by more than one call, however many are made at once', async () => {
    const call = fc.record({ cost: fc.integer({ min: 0, max: 40 }), more: fc.integer({ min: 1, max: 20 }) });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 100 }), fc.array(call, { maxLength: 30 }), async (limit, calls) => {
        const allowance = new CostAllowance(limit, 0, signal);
        let spent = 0;
        let dearest = 0;
        const made = calls.map(async ({ cost, more }) => {
          const reservation = await allowance.reserve(cost + more);
          await Promise.resolve();
          spent += cost;
          dearest = Math.max(dearest, cost + more);
          reservation.settle(cost);
        });
        await Promise.allSettled(made);
        expect(spent).toBeLessThan(limit + Math.max(dearest, 1));
      }),
    );
  });
});
