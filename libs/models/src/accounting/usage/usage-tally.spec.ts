import fc from 'fast-check';
import { type BookedCall, UsageTally, dayOf } from './usage-tally.js';

const usage = { inputTokens: 10, outputTokens: 4, cachedTokens: 3, reasoningTokens: 2, costMicroUsd: 7 };
const call = (more: Partial<BookedCall> = {}): BookedCall => ({
  tenantId: 't',
  provider: 'p',
  model: 'm',
  attribution: {},
  failed: false,
  usage,
  unreported: false,
  at: Date.UTC(2026, 10, 21, 23, 59, 59, 999),
  ...more,
});
const tallied = (...calls: BookedCall[]) => {
  const tally = new UsageTally();
  for (const one of calls) tally.add(one);
  return tally.list();
};

describe('a tally of model calls', () => {
  it('adds up calls of one kind', () => {
    expect(tallied(call(), call({ failed: true }), call({ failed: true, usage: undefined, unreported: true }))).toEqual(
      [
        {
          tenant_id: 't',
          day: '2026-11-21',
          provider: 'p',
          model: 'm',
          agent_id: '',
          user_id: '',
          calls: 3,
          failed_calls: 2,
          unreported_calls: 1,
          input_tokens: 20,
          cached_tokens: 6,
          output_tokens: 8,
          reasoning_tokens: 4,
          cost_micro_usd: 14,
        },
      ],
    );
  });

  it('tells tenants, days, providers, models, agents and users apart', () => {
    const others: Partial<BookedCall>[] = [
      { tenantId: 'u' },
      { at: Date.UTC(2026, 10, 22) },
      { provider: 'q' },
      { model: 'n' },
      { attribution: { agentId: 'a' } },
      { attribution: { userId: 'a' } },
    ];
    expect(tallied(call(), ...others.map(call))).toHaveLength(1 + others.length);
  });

  it('keeps names that a database cannot store out, and long ones short', () => {
    const names = ['a\0b', `x\ud800`, 'y'.repeat(5000)];
    const users = tallied(...names.map((userId) => call({ attribution: { userId } }))).map(({ user_id }) => user_id);
    expect(users).toEqual(['ab', 'x\ufffd', 'y'.repeat(200)]);
  });

  it('loses no token and no money when there are too many users to tell apart', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(1000)), { maxLength: 60 }), (calls) => {
        const tally = new UsageTally(5);
        for (const [user, cost] of calls) {
          tally.add(call({ attribution: { userId: String(user) }, usage: { ...usage, costMicroUsd: cost } }));
        }
        expect(tally.size).toBeLessThanOrEqual(6);
        const sum = (pick: (entry: ReturnType<UsageTally['list']>[number]) => number) =>
          tally.list().reduce((total, entry) => total + pick(entry), 0);
        expect(sum((entry) => entry.cost_micro_usd)).toBe(calls.reduce((total, [, cost]) => total + cost, 0));
        expect(sum((entry) => entry.input_tokens)).toBe(10 * calls.length);
        expect(sum((entry) => entry.calls)).toBe(calls.length);
      }),
    );
  });
});

it('the day of a moment is that of UTC', () => {
  expect(dayOf(Date.UTC(2024, 1, 29, 0, 0))).toBe('2024-02-29');
  expect(dayOf(Date.UTC(2024, 1, 29, 0, 0) - 1)).toBe('2024-02-28');
});
