import { GroupCommitter } from './group-committer.js';

/** A flush that a test ends by hand. */
function manualFlush() {
  const batches: string[][] = [];
  const ends: (() => void)[] = [];
  const flush = (writes: readonly string[]) =>
    new Promise<string[]>((resolve) => {
      batches.push([...writes]);
      ends.push(() => resolve(writes.map((write) => write.toUpperCase())));
    });
  return { batches, flush, end: () => ends.shift()!() };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));
const options = { maxBatch: 3, isFaultOfOne: () => true };

describe('the group committer', () => {
  it('flushes what came in one turn together, and gives each its own result', async () => {
    const { batches, flush, end } = manualFlush();
    const committer = new GroupCommitter(flush, options);
    const results = Promise.all(['a', 'b'].map((write) => committer.commit(write)));
    await turn();
    expect(batches).toEqual([['a', 'b']]);
    end();
    expect(await results).toEqual(['A', 'B']);
  });

  it('gathers while a flush is under way, up to the largest batch', async () => {
    const { batches, flush, end } = manualFlush();
    const committer = new GroupCommitter(flush, options);
    const first = committer.commit('a');
    await turn();
    const others = ['b', 'c', 'd', 'e'].map((write) => committer.commit(write));
    await turn();
    expect(batches).toEqual([['a']]);
    end();
    await first;
    await turn();
    end();
    await others[0];
    await turn();
    expect(batches).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
    end();
    await Promise.all(others);
  });

  it('waits a moment for company where the last batch had some', async () => {
    const { batches, flush, end } = manualFlush();
    const committer = new GroupCommitter(flush, { ...options, gatherMs: 5 });
    const first = ['a', 'b'].map((write) => committer.commit(write));
    await turn();
    const third = committer.commit('c');
    end();
    await Promise.all(first);
    await turn();
    const others = [third, committer.commit('d')];
    while (batches.length < 2) await turn();
    expect(batches).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    end();
    await Promise.all(others);
  });

  it('lets a single writer wait for nobody', async () => {
    const { batches, flush, end } = manualFlush();
    const committer = new GroupCommitter(flush, { ...options, gatherMs: 60_000 });
    for (const write of ['a', 'b', 'c']) {
      const written = committer.commit(write);
      await turn();
      end();
      await written;
    }
    expect(batches).toEqual([['a'], ['b'], ['c']]);
  });

  it('keeps writes with one key apart and in order', async () => {
    const { batches, flush, end } = manualFlush();
    const committer = new GroupCommitter(flush, { ...options, exclusiveKey: (write) => write[0] });
    const all = ['a1', 'a2', 'b1', 'a3'].map((write) => committer.commit(write));
    for (let i = 0; i < 3; i++) {
      await turn();
      end();
    }
    await Promise.all(all);
    expect(batches).toEqual([['a1', 'b1'], ['a2'], ['a3']]);
  });

  it('finds the one write that cannot be stored, and stores the others', async () => {
    const stored: string[] = [];
    const flush = async (writes: readonly string[]) => {
      if (writes.includes('bad')) throw new Error('no such text');
      stored.push(...writes);
      return writes;
    };
    const aside: string[] = [];
    const onSetAside = (write: string) => void aside.push(write);
    const committer = new GroupCommitter(flush, { ...options, onSetAside });
    const settled = await Promise.allSettled(['a', 'bad', 'b'].map((write) => committer.commit(write)));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(stored).toEqual(['a', 'b']);
    expect(aside).toEqual(['bad']);
  });

  describe('where others hold locks', () => {
    const locked = () => Object.assign(new Error('lock timeout'), { code: '55P03' });
    /** Stores what is not held; counts what was tried, and how much at once. */
    function lockable(isHeld: (write: string) => boolean) {
      const seen = { tries: 0, under: 0, most: 0 };
      const flush = async (writes: readonly string[]) => {
        seen.tries++;
        seen.most = Math.max(seen.most, ++seen.under);
        await turn();
        seen.under--;
        if (writes.some(isHeld)) throw locked();
        return writes;
      };
      const isLocked = () => true;
      return { seen, committer: new GroupCommitter(flush, { maxBatch: 100, isFaultOfOne: () => false, isLocked }) };
    }
    const writes = Array.from({ length: 20 }, (_, index) => `w${index}`);

    it('fails only the write that needs what is locked', async () => {
      const { committer } = lockable((write) => write === 'w3');
      const settled = await Promise.allSettled(writes.map((write) => committer.commit(write)));
      const failed = settled.flatMap(({ status }, index) => (status === 'rejected' ? [writes[index]] : []));
      expect(failed).toEqual(['w3']);
    });

    it('tries few at once, each of which may keep a connection', async () => {
      const { committer, seen } = lockable((write) => write === 'w19');
      await Promise.allSettled(writes.map((write) => committer.commit(write)));
      expect(seen.most).toBe(8);
    });

    it('gives up soon where all is locked, so that nobody waits behind everybody', async () => {
      const { committer, seen } = lockable(() => true);
      const settled = await Promise.allSettled(writes.map((write) => committer.commit(write)));
      expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
      expect(seen.tries).toBe(1 + 8);
    });
  });

  it('fails all of a batch when the database is at fault, and works again afterwards', async () => {
    let away = true;
    const flush = async (writes: readonly string[]) => {
      if (away) throw new Error('gone');
      return writes;
    };
    const committer = new GroupCommitter(flush, { ...options, isFaultOfOne: () => false });
    const settled = await Promise.allSettled(['a', 'b'].map((write) => committer.commit(write)));
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
    away = false;
    expect(await committer.commit('c')).toBe('c');
  });
});
