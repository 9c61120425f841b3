import { AppError, UpstreamError } from '@guildhall/sdk';
import { BudgetExceededError } from '../accounting/budgets/budget-exceeded.error.js';
import type { BudgetGate } from '../accounting/budgets/budget-gate.js';
import { providerLimit } from '../accounting/budgets/budget.js';
import { type Behaviour, down, house, reply, says } from './spec-fixture/house.js';

describe('the model router', () => {
  describe('where money is limited', () => {
    const priced = { models: [{ name: 'm', inputPricePerMTok: 1_000_000, outputPricePerMTok: 1_000_000 }] };
    const spent = (id: string, scope: 'provider' | 'tenant') => {
      const limit = { ...providerLimit(id, 5), scope };
      return new BudgetExceededError({ tenantId: 't', limit, window: { start: '2026-11-21', endsAt: 9000 } }, 0);
    };
    /** Records what is set aside and what it is settled with. */
    const keeping = (gate: { hold: BudgetGate['hold'] }) => {
      const kept: string[] = [];
      gate.hold = async (_ctx, { id }, _attribution, worstCase) => {
        kept.push(`${id} ${worstCase()}`);
        return { settle: (cost) => void kept.push(`${id} settled ${cost}`) };
      };
      return kept;
    };

    it('passes a provider over whose budget is used up, and says why', async () => {
      const { ask, gate, called, signals } = house({ a: says('a'), b: says('b') });
      gate.hold = async (_ctx, { id }) => {
        if (id === 'a') throw spent('a', 'provider');
        return undefined;
      };
      await expect(ask()).resolves.toMatchObject({ provider: 'b' });
      expect(called).toEqual(['b']);
      expect(signals[0]).toEqual({ type: 'failed-over', from: 'a', to: 'b', reason: 'budget_exceeded' });
      gate.hold = async (_ctx, { id }) => Promise.reject(spent(id, 'provider'));
      await expect(ask()).rejects.toMatchObject({
        code: 'all_providers_failed',
        details: [{ code: 'budget_exceeded' }, { code: 'budget_exceeded' }],
        retryAfterMs: 9000,
      });
      await expect(ask({ provider: 'a', name: 'm' })).rejects.toMatchObject({
        code: 'budget_exceeded',
        category: 'rate_limit',
        provider: 'a',
        message: expect.stringMatching(/^Cost limit exceeded: .*'a' of 5 micro-USD a day/),
      });
      expect(called).toEqual(['b']);
    });

    it('refuses the call where the budget of whoever pays is used up, or cannot be read', async () => {
      const { ask, gate, called, routes, ctx } = house({ a: says('a'), b: says('b') });
      for (const error of [spent('x', 'tenant'), new AppError('unavailable', 'database_unavailable', 'away')]) {
        gate.hold = async () => Promise.reject(error);
        await expect(ask()).rejects.toBe(error);
      }
      expect(called).toEqual([]);
      expect((await routes.ranked(ctx)).map(({ parts }) => parts.health)).toEqual([1, 1]);
    });

    it('sets the worst case aside and settles what was reported, or the worst where nothing was', async () => {
      const { ask, gate } = house({ a: says('ok') }, { a: priced });
      const kept = keeping(gate);
      await ask({ route: 'default', maxOutputTokens: 100 });
      // 'Hi' is estimated as one token.
      expect(kept).toEqual(['a 101', 'a settled 1500']);

      const silent = house({ a: async () => ({ ...reply('ok'), usage: undefined }) }, { a: priced });
      const worst = keeping(silent.gate);
      await silent.ask();
      expect(worst).toEqual(['a 4097', 'a settled 4097']);
      expect(silent.booked).toMatchObject([{ usage: undefined, unreported: true }]);
    });

    it('settles every attempt of its own, and nothing for one that never began', async () => {
      const begun: Behaviour = async (call) => {
        call.onBegin?.();
        throw new UpstreamError('provider_unavailable', 'broke off');
      };
      const counted: Behaviour = async (call) => {
        call.onUsage?.({ inputTokens: 10, outputTokens: 2, cachedTokens: 0 });
        throw new UpstreamError('provider_unavailable', 'broke off');
      };
      const { ask, gate, booked, signals } = house(
        { a: down(), b: begun, c: counted, d: says('ok') },
        { a: priced, b: priced, c: priced, d: priced },
      );
      const kept = keeping(gate);
      await ask();
      expect(kept.filter((line) => line.includes('settled'))).toEqual([
        'a settled 0',
        'b settled 4097',
        'c settled 12',
        'd settled 1500',
      ]);
      expect(
        booked.map(({ provider, failed, unreported, usage }) => [provider, failed, unreported, usage?.costMicroUsd]),
      ).toEqual([
        ['a', true, false, undefined],
        ['b', true, true, undefined],
        ['c', true, false, 12],
        ['d', false, false, 1500],
      ]);
      expect(signals.filter(({ type }) => type === 'spent')).toEqual([
        { type: 'spent', provider: 'c', model: 'm', usage: expect.objectContaining({ costMicroUsd: 12 }) },
      ]);
    });

    it('gives back what the caller set aside when a budget refuses', async () => {
      const { router, ctx, gate } = house({ a: says('a') });
      gate.hold = async () => Promise.reject(spent('x', 'tenant'));
      const settled: number[] = [];
      const allowance = { reserve: async () => ({ settle: (cost: number) => void settled.push(cost) }) };
      const asked = router.generate(ctx, { model: {}, messages: [] }, undefined, { allowance });
      await expect(asked).rejects.toMatchObject({ code: 'budget_exceeded' });
      expect(settled).toEqual([0]);
    });
  });
});
