import fc from 'fast-check';
import { NEAR_EQUAL, shareLoad } from './share-load.js';

const one = (id: string, score: number, pickedAt: number, more: { priority?: number; preference?: number } = {}) => ({
  id,
  score,
  pickedAt,
  priority: more.priority ?? 1,
  parts: { preference: more.preference ?? 0.5 },
});
const ids = (...ranked: ReturnType<typeof one>[]) => shareLoad(ranked).map(({ id }) => id);

describe('shareLoad', () => {
  it('puts first who has waited longest among nearly equal ones', () => {
    expect(ids(one('a', 0.8, 7), one('b', 0.79, 3), one('c', 0.785, 5))).toEqual(['b', 'c', 'a']);
  });

  it('keeps the ranking where nobody was picked yet', () => {
    expect(ids(one('a', 0.8, 0), one('b', 0.8, 0), one('c', 0.79, 0))).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['a better score', one('worse', 0.8 - NEAR_EQUAL - 0.001, 0)],
    ['a priority', one('later', 0.8, 0, { priority: 2 })],
    ['a preference', one('unloved', 0.795, 0, { preference: 0.45 })],
  ])('lets %s decide', (_, other) => {
    expect(ids(one('first', 0.8, 99), other)).toEqual(['first', other.id]);
  });

  it('leaves those of another priority in their place', () => {
    expect(ids(one('a', 0.8, 9), one('x', 0.798, 0, { priority: 2 }), one('b', 0.795, 1))).toEqual(['b', 'x', 'a']);
  });

  it('spreads the second best as well, and loses nobody', () => {
    expect(ids(one('best', 0.9, 9), one('a', 0.7, 5), one('b', 0.69, 2))).toEqual(['best', 'b', 'a']);
    const candidates = fc.array(
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(9), fc.integer({ min: 1, max: 2 })),
    );
    fc.assert(
      fc.property(candidates, (all) => {
        const ranked = all
          .map(([score, pickedAt, priority], index) => one(`p${index}`, score, pickedAt, { priority }))
          .toSorted((a, b) => b.score - a.score);
        const shared = shareLoad(ranked);
        expect(new Set(shared)).toEqual(new Set(ranked));
        expect(shared).toHaveLength(ranked.length);
        shared.forEach((row, index) =>
          expect(Math.abs(row.score - ranked[index]!.score)).toBeLessThanOrEqual(NEAR_EQUAL),
        );
      }),
    );
  });
});
