import fc from 'fast-check';
import { inTurn } from './in-turn.js';

/** Work that ends when told to, and what was seen of it. */
function workbench() {
  const begun: number[] = [];
  const open = new Map<number, () => void>();
  let most = 0;
  const work = (item: number) =>
    new Promise<number>((resolve) => {
      begun.push(item);
      open.set(item, () => {
        open.delete(item);
        resolve(item * 2);
      });
      most = Math.max(most, open.size);
    });
  return { begun, open, work, most: () => most };
}

describe('work in turn', () => {
  it('begins in the order of the items and keeps to the limit, whichever ends first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.nat()),
        async (count, atOnce, choices) => {
          const bench = workbench();
          const items = Array.from({ length: count }, (_, index) => index);
          const results = inTurn(items, atOnce, bench.work);
          while (bench.open.size > 0) {
            const ends = [...bench.open.values()];
            ends[choices.next().value! % ends.length]!();
            await new Promise((resolve) => setImmediate(resolve));
          }
          expect(await results).toEqual(items.map((item) => item * 2));
          expect(bench.begun).toEqual(items);
          expect(bench.most()).toBe(Math.min(count, atOnce));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('fails with the first that fails', async () => {
    const work = (item: number) => (item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item));
    await expect(inTurn([1, 2, 3], 2, work)).rejects.toThrow('two');
  });
});
