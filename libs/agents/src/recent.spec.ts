import { Recent } from './recent.js';

describe('recent values', () => {
  it('loads once for concurrent callers and until the value is too old', async () => {
    let time = 0;
    let loads = 0;
    const recent = new Recent<number>({ max: 10, ttlMs: 1000, now: () => time });
    const load = async () => ++loads;
    expect(await Promise.all([recent.get('a', load), recent.get('a', load)])).toEqual([1, 1]);
    time = 999;
    expect(await recent.get('a', load)).toBe(1);
    time = 1000;
    expect(await recent.get('a', load)).toBe(2);
  });

  it('lets go of the least recently used', async () => {
    const recent = new Recent<string>({ max: 2 });
    for (const key of ['a', 'b', 'a', 'c']) await recent.get(key, async () => `first ${key}`);
    expect(await recent.get('a', async () => 'again')).toBe('first a');
    expect(await recent.get('b', async () => 'again')).toBe('again');
  });

  it('does not remember a failure', async () => {
    const recent = new Recent<string>({ max: 2 });
    await expect(recent.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await recent.get('a', async () => 'up')).toBe('up');
  });

  it('does not keep what a load saw before it was told to forget', async () => {
    const recent = new Recent<string>({ max: 2 });
    const slow = Promise.withResolvers<string>();
    const before = recent.get('a', () => slow.promise);
    recent.forget('a');
    slow.resolve('old');
    expect(await before).toBe('old');
    expect(await recent.get('a', async () => 'new')).toBe('new');
  });

  it('keeps a newer value when an older load fails late', async () => {
    const recent = new Recent<string>({ max: 2 });
    const slow = Promise.withResolvers<string>();
    const before = recent.get('a', () => slow.promise);
    recent.forget('a');
    expect(await recent.get('a', async () => 'new')).toBe('new');
    slow.reject(new Error('late'));
    await expect(before).rejects.toThrow('late');
    expect(await recent.get('a', async () => 'again')).toBe('new');
  });
});
