import fc from 'fast-check';
import { Shares } from './shares.js';

const HOLDERS = ['a', 'b', 'c', 'd'];

/** Takes for `holder` until it gets no more; how many it got. */
function fill(shares: Shares, holder: string): number {
  for (let count = 0; ; count++) if (!shares.tryTake(holder)) return count;
}

describe('Shares', () => {
  it('leave one holder alone nine tenths', () => {
    expect([100, 20, 10, 5, 2, 1].map((total) => fill(new Shares(total), 'a'))).toEqual([90, 18, 9, 4, 1, 1]);
  });

  it('give who has none a place, whatever another did before', () => {
    const shares = new Shares(100);
    fill(shares, 'a');
    expect([fill(shares, 'b'), fill(shares, 'c')]).toEqual([9, 1]);
  });

  it('even out between two that want all, as places come back', () => {
    const shares = new Shares(100);
    const held = { a: fill(shares, 'a'), b: fill(shares, 'b') };
    for (let i = 0; i < 1000; i++) {
      // Places come back in proportion to who holds them; both ask for each at once, the crowding one first.
      const from = i % (held.a + held.b) < held.a ? 'a' : 'b';
      shares.give(from);
      held[from]--;
      for (const holder of ['a', 'b'] as const) if (shares.tryTake(holder)) held[holder]++;
    }
    expect(Math.abs(held.a - held.b)).toBeLessThanOrEqual(10);
    expect(held.a + held.b).toBeGreaterThanOrEqual(94);
  });

  it('may leave a holder less than the others', () => {
    const shares = new Shares(100);
    for (let i = 0; i < 10; i++) expect(shares.tryTake('anonymous', 1, 1 / 9)).toBe(true);
    expect(shares.tryTake('anonymous', 1, 1 / 9)).toBe(false);
    expect(fill(shares, 'a')).toBe(81);
  });

  it('hold, whatever is asked: no more than there is, and the last only to who had none', () => {
    const step = fc.record({
      holder: fc.constantFrom(...HOLDERS),
      amount: fc.integer({ min: 1, max: 30 }),
      give: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.array(step, { maxLength: 200 }), (total, steps) => {
        const shares = new Shares(total);
        const held = new Map<string, number[]>();
        const sum = (amounts: readonly number[]) => amounts.reduce((one, other) => one + other, 0);
        for (const { holder, amount, give } of steps) {
          const mine = held.get(holder) ?? [];
          held.set(holder, mine);
          if (give) {
            if (mine.length > 0) shares.give(holder, mine.pop());
            continue;
          }
          const before = sum(mine);
          const left = total - shares.taken;
          const got = shares.tryTake(holder, amount);
          if (before === 0) expect(got).toBe(amount <= left);
          if (got) mine.push(amount);
          if (got && before > 0) expect(sum(mine)).toBeLessThanOrEqual(9 * (total - shares.taken));
        }
        expect(shares.taken).toBe(sum([...held.values()].flat()));
        for (const [holder, amounts] of held) for (const amount of amounts) shares.give(holder, amount);
        expect(shares.taken).toBe(0);
      }),
    );
  });
});
