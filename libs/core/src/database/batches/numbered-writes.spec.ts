import fc from 'fast-check';
import { NumberedWrites } from './numbered-writes.js';

const BAD = Object.assign(new Error('value out of range'), { code: '22003' });
const AWAY = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });

/** A database that knows numbers, refuses some entries, and whose connection fails, before or after the write, as told. */
function database(isBad: (entry: number) => boolean, failures: readonly ('before' | 'after' | 'none')[] = []) {
  const stored: number[] = [];
  const left = [...failures];
  let seen = 0;
  let tries = 0;
  const write = async (entries: readonly number[], number: number): Promise<void> => {
    tries++;
    const failure = left.shift();
    if (failure === 'before') throw AWAY;
    if (entries.some(isBad)) throw BAD;
    if (number > seen) stored.push(...entries);
    seen = Math.max(seen, number);
    if (failure === 'after') throw AWAY;
  };
  return { stored, write, tries: () => tries };
}

describe('writes under numbers', () => {
  it('find one bad entry of a thousand with few writes, and never try it again', async () => {
    const { stored, write, tries } = database((entry) => entry === 617);
    const aside: number[] = [];
    const writes = new NumberedWrites<number>(write, (entry) => void aside.push(entry));
    writes.add(Array.from({ length: 1000 }, (_, index) => index));
    await writes.flush();
    expect([aside, stored.length, writes.isEmpty]).toEqual([[617], 999, true]);
    expect(tries()).toBeLessThanOrEqual(22);
  });

  it('keep everything while the database is away', async () => {
    const { stored, write } = database(() => false, ['before']);
    const writes = new NumberedWrites<number>(write, () => undefined);
    writes.add([1, 2]);
    await expect(writes.flush()).rejects.toThrow('away');
    expect(writes.left).toEqual([1, 2]);
    await writes.flush();
    expect(stored).toEqual([1, 2]);
  });

  it('store each good entry once and set each bad one aside once, whatever fails in between', async () => {
    const failures = fc.array(fc.constantFrom('before' as const, 'after' as const, 'none' as const), { maxLength: 30 });
    const run = async (batches: number[], bad: number[], fails: readonly ('before' | 'after' | 'none')[]) => {
      const { stored, write } = database((entry) => bad.includes(entry % 10), fails);
      const aside: number[] = [];
      const writes = new NumberedWrites<number>(write, (entry) => void aside.push(entry));
      const all: number[] = [];
      for (const size of batches) {
        const entries = Array.from({ length: size }, (_, index) => all.length + index);
        all.push(...entries);
        writes.add(entries);
        await writes.flush().catch(() => undefined);
      }
      while (!writes.isEmpty) await writes.flush().catch(() => undefined);
      expect(stored.toSorted((a, b) => a - b)).toEqual(all.filter((entry) => !bad.includes(entry % 10)));
      expect(aside.toSorted((a, b) => a - b)).toEqual(all.filter((entry) => bad.includes(entry % 10)));
    };
    const sizes = fc.array(fc.nat(20), { maxLength: 5 });
    await fc.assert(fc.asyncProperty(sizes, fc.uniqueArray(fc.nat(9), { maxLength: 3 }), failures, run));
  });
});
