import fc from 'fast-check';
import { MAX_CHUNKS, inBatches } from './in-batches.js';

const MAX_WORDS = 1500;
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

describe('batches of chunks', () => {
  it('hold everything in order, and no more than a transaction may take', () => {
    const words = fc.integer({ min: 0, max: 2 * MAX_WORDS });
    fc.assert(
      fc.property(fc.array(words, { maxLength: 100 }), (items) => {
        const batches = [...inBatches(items, (item) => item)];
        expect(batches.flat()).toEqual(items);
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(MAX_CHUNKS);
          if (batch.length > 1) expect(sum(batch)).toBeLessThanOrEqual(MAX_WORDS);
        }
        // None is smaller than it must be.
        for (const [at, batch] of batches.slice(0, -1).entries()) {
          const isFull = batch.length === MAX_CHUNKS || sum(batch) + batches[at + 1]![0]! > MAX_WORDS;
          expect(isFull).toBe(true);
        }
      }),
    );
  });
});
