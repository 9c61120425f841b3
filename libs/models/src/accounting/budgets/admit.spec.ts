import fc from 'fast-check';
import { type Balance, admit, settle } from './admit.js';
import { type BoundLimit, windowKey, windowOf } from './budget-window.js';
import type { Limit } from './budget.js';

const NOW = Date.UTC(2026, 1, 28, 23, 59, 59);
const bound = (id: string, limitMicroUsd: number, more: Partial<Limit> = {}): BoundLimit => {
  const limit: Limit = {
    id,
    name: null,
    scope: 'tenant',
    scopeId: null,
    period: 'day',
    limitMicroUsd,
    hard: true,
    ...more,
  };
  return { tenantId: 't', limit, window: windowOf(limit.period, NOW) };
};
const ledger = (...limits: BoundLimit[]) => {
  const balances = new Map<string, Balance>(limits.map((limit) => [windowKey(limit), { spent: 0, reserved: 0 }]));
  return { balances, of: (limit: BoundLimit) => balances.get(windowKey(limit))! };
};

describe('windows of budgets', () => {
  it.each([
    ['day', '2026-02-28', Date.UTC(2026, 2, 1)],
    ['month', '2026-02-01', Date.UTC(2026, 2, 1)],
    ['total', '1970-01-01', undefined],
  ] as const)('of a %s begin at %s', (period, start, endsAt) => {
    expect(windowOf(period, NOW)).toEqual({ start, endsAt });
  });

  it('of December end with the year', () => {
    expect(windowOf('month', Date.UTC(2026, 11, 31))).toEqual({ start: '2026-12-01', endsAt: Date.UTC(2027, 0, 1) });
  });
});

describe('admission', () => {
  it('sets money aside in all budgets or in none', () => {
    const [roomy, tight] = [bound('roomy', 100), bound('tight', 5)];
    const { balances, of } = ledger(roomy, tight);
    expect(admit(balances, [roomy, tight], 7)).toEqual({ kind: 'granted' });
    expect(admit(balances, [roomy, tight], 7)).toEqual({ kind: 'busy', by: tight });
    expect(of(roomy)).toEqual({ spent: 0, reserved: 7 });
    expect(settle(balances, [roomy, tight], { reserved: 7, cost: 5 })).toEqual([tight]);
    expect(admit(balances, [roomy, tight], 7)).toEqual({ kind: 'refused', by: tight });
    expect(of(roomy)).toEqual({ spent: 5, reserved: 0 });
  });

  it('counts for a soft budget, which refuses nothing and tells once', () => {
    const soft = bound('soft', 5, { hard: false });
    const { balances, of } = ledger(soft);
    for (const exceeds of [[], [soft], []]) {
      expect(admit(balances, [soft], 4)).toEqual({ kind: 'granted' });
      expect(settle(balances, [soft], { reserved: 4, cost: 4 })).toEqual(exceeds);
    }
    expect(of(soft)).toEqual({ spent: 12, reserved: 0 });
  });

  it('lets nothing through a budget of nothing, and knows no budget that was removed', () => {
    const [nothing, gone] = [bound('nothing', 0), bound('gone', 0)];
    const { balances } = ledger(nothing);
    expect(admit(balances, [nothing], 1)).toEqual({ kind: 'refused', by: nothing });
    expect(admit(balances, [gone], 1)).toEqual({ kind: 'granted' });
    expect(settle(balances, [gone], { reserved: 1, cost: 1 })).toEqual([]);
  });

  it('oversteps no limit by more than the worst case of one call, and loses no cost', () => {
    const call = fc.record({ cost: fc.nat(50), more: fc.integer({ min: 1, max: 50 }), waits: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(fc.nat(200), { minLength: 1, maxLength: 3 }), fc.array(call), (limits, calls) => {
        const all = limits.map((limit, index) => bound(String(index), limit));
        const { balances, of } = ledger(...all);
        const underWay: { reserved: number; cost: number; until: number }[] = [];
        let spent = 0;
        let dearest = 0;
        const finish = (now: number) => {
          for (const one of underWay.filter(({ until }) => until <= now)) {
            settle(balances, all, one);
            spent += one.cost;
            underWay.splice(underWay.indexOf(one), 1);
          }
        };
        calls.forEach(({ cost, more, waits }, at) => {
          finish(at);
          const amount = cost + more;
          if (admit(balances, all, amount).kind !== 'granted') return;
          dearest = Math.max(dearest, amount);
          underWay.push({ reserved: amount, cost, until: at + waits });
        });
        finish(Infinity);
        for (const one of all) {
          expect(of(one)).toEqual({ spent, reserved: 0 });
          expect(spent).toBeLessThanOrEqual(one.limit.limitMicroUsd + dearest);
        }
      }),
    );
  });
});
