import fc from 'fast-check';
import { CancelledError } from '@guildhall/sdk';
import { TALLY, withLogFields } from '../telemetry/log-context.js';
import { RequestTally } from '../telemetry/request-tally.js';
import { MemoryLevel } from './memory-level.js';
import type { RemoteLevel } from './remote-level.js';
import { TwoLevelCache } from './two-level-cache.js';

const MIB = 1024 * 1024;

const memoryOnly = (entries = 1000, bytes = 32 * MIB) => {
  const memory = new MemoryLevel({ entries, bytes, ttlMs: 300_000 });
  return { memory, cache: new TwoLevelCache(memory, undefined, 3_600_000) };
};

/** Redis's part, in a Map. */
class FakeRemote {
  up = true;
  readonly entries = new Map<string, { text: string; ttlMs: number }>();
  gate: Promise<void> = Promise.resolve();

  async get(key: string) {
    await this.gate;
    return this.entries.get(key);
  }

  set(key: string, text: string, ttlMs: number) {
    this.entries.set(key, { text, ttlMs });
    return Promise.resolve();
  }

  delete(key: string) {
    this.entries.delete(key);
    return Promise.resolve();
  }
}

const twoLevels = () => {
  const remote = new FakeRemote();
  const memory = new MemoryLevel({ entries: 1000, bytes: 32 * MIB, ttlMs: 300_000 });
  return { remote, memory, cache: new TwoLevelCache(memory, remote as unknown as RemoteLevel, 3_600_000) };
};

describe('TwoLevelCache', () => {
  afterEach(() => jest.useRealTimers());

  it('gives back every JSON value as it was stored, falsy ones as hits', async () => {
    const { cache } = memoryOnly();
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.jsonValue(), async (key, value) => {
        await cache.set(key, value);
        const load = jest.fn(() => Promise.resolve('loaded' as unknown));
        expect(await cache.wrap(key, load)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(load).not.toHaveBeenCalled();
      }),
    );
  });

  it('loads once for all that miss a key at the same time', async () => {
    const { cache } = memoryOnly();
    const load = jest.fn(() => Promise.resolve({ n: 1 }));
    const values = await Promise.all(Array.from({ length: 50 }, () => cache.wrap('k', load)));
    expect(load).toHaveBeenCalledTimes(1);
    values[0]!.n = 99;
    expect(values[1]).toEqual({ n: 1 });
  });

  it('tells each who waited for a load that it was a miss, and the next that it was in memory', async () => {
    const { cache } = memoryOnly();
    const levelOf = async () => {
      const tally = new RequestTally();
      await withLogFields({ requestId: 'r', [TALLY]: tally }, () => cache.wrap('k', () => Promise.resolve(0)));
      return tally.cache;
    };
    expect(await Promise.all([levelOf(), levelOf()])).toEqual(['MISS', 'MISS']);
    expect(await levelOf()).toBe('L1');
  });

  it('forgets what another process has changed, also what it is just loading', async () => {
    const { cache, memory } = memoryOnly();
    await cache.set('k', 'old');
    cache.forgetHere('k');
    expect(await cache.get('k')).toBeUndefined();
    let finish: (value: string) => void = () => undefined;
    const loading = cache.wrap('k', () => new Promise<string>((resolve) => (finish = resolve)));
    await new Promise(setImmediate);
    cache.forgetAllHere();
    finish('old');
    expect(await loading).toBe('old');
    expect(memory.get('k')).toBeUndefined();
  });

  it('leaves long texts to the second level', async () => {
    const { cache, memory, remote } = twoLevels();
    await cache.set('k', 'short');
    await cache.set('k', 'x'.repeat(200_000));
    expect(memory.get('k')).toBeUndefined();
    expect(remote.entries.get('k')!.text).toHaveLength(200_002);
  });

  it('hands a failing load to all who waited, and keeps nothing', async () => {
    const { cache } = memoryOnly();
    const load = jest.fn(() => Promise.reject(new Error('down')));
    const results = await Promise.allSettled([cache.wrap('k', load), cache.wrap('k', load)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await cache.wrap('k', () => Promise.resolve('up'))).toBe('up');
  });

  it('lets those who waited load themselves when the one who loaded hung up', async () => {
    const { cache } = memoryOnly();
    const first = cache.wrap('k', () => Promise.reject(new CancelledError()));
    const second = cache.wrap('k', () => Promise.resolve('mine'));
    await expect(first).rejects.toThrow('Cancelled');
    await expect(second).resolves.toBe('mine');
  });

  it('does not store undefined', async () => {
    const { cache } = memoryOnly();
    expect(await cache.wrap('k', () => Promise.resolve(undefined))).toBeUndefined();
    expect(await cache.wrap<unknown>('k', () => Promise.resolve(1))).toBe(1);
    await cache.set('k', undefined);
    expect(await cache.get('k')).toBeUndefined();
  });

  it('does not let a load that began before a change overwrite it', async () => {
    const { cache, remote } = twoLevels();
    let finish: (value: string) => void = () => undefined;
    const old = cache.wrap('k', () => new Promise<string>((resolve) => (finish = resolve)));
    await new Promise(setImmediate);
    await cache.set('k', 'new');
    finish('old');
    expect(await old).toBe('old');
    expect(await cache.get('k')).toBe('new');
    expect(remote.entries.get('k')?.text).toBe('"new"');
  });

  it('does not move a value up that was deleted while it was read', async () => {
    const { cache, remote, memory } = twoLevels();
    remote.entries.set('k', { text: '1', ttlMs: 1000 });
    let open: () => void = () => undefined;
    remote.gate = new Promise((resolve) => (open = resolve));
    const reading = cache.get('k');
    await cache.delete('k');
    open();
    await reading;
    expect(memory.get('k')).toBeUndefined();
  });

  it('keeps a value from the second level no longer than it has left there', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    const { cache, remote } = twoLevels();
    remote.entries.set('k', { text: '1', ttlMs: 1000 });
    expect(await cache.get('k')).toBe(1);
    remote.entries.clear();
    expect(await cache.get('k')).toBe(1);
    jest.advanceTimersByTime(1001);
    expect(await cache.get('k')).toBeUndefined();
    expect(cache.counts).toEqual({ L1: 1, L2: 1, MISS: 1 });
  });

  it('forgets after the time asked for, in memory at the latest after its own limit', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    const { cache } = memoryOnly();
    await cache.set('short', 1, 500);
    await cache.set('long', 1, 3_600_000);
    jest.advanceTimersByTime(501);
    expect(await cache.get('short')).toBeUndefined();
    jest.advanceTimersByTime(300_000);
    expect(await cache.get('long')).toBeUndefined();
  });

  it('holds no more bytes than it may, and gives up the least recently used ones for new ones', async () => {
    const { cache, memory } = memoryOnly(1000, MIB);
    const text = 'x'.repeat(50_000);
    for (let i = 0; i < 100; i++) {
      await cache.set(`k${i}`, text);
      await cache.get('k0');
      expect(memory.bytes).toBeLessThanOrEqual(MIB);
    }
    expect(memory.size).toBe(Math.floor(MIB / (memory.bytes / memory.size)));
    expect([await cache.get('k0'), await cache.get('k99'), await cache.get('k1')]).toEqual([text, text, undefined]);
    await cache.set('k0', 1);
    for (const key of ['k0', ...Array.from({ length: 99 }, (_, i) => `k${i + 1}`)]) await cache.delete(key);
    expect([memory.size, memory.bytes]).toEqual([0, 0]);
  });

  it('gives up the least recently used entry when it is full', async () => {
    const { cache, memory } = memoryOnly(1000);
    for (let i = 0; i < 1000; i++) await cache.set(`k${i}`, i);
    await cache.get('k0');
    await cache.set('k1000', 1000);
    expect([memory.size, memory.evictions]).toEqual([1000, 1]);
    expect(await cache.get('k0')).toBe(0);
    expect(await cache.get('k1')).toBeUndefined();
  });
});
