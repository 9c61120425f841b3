import { setImmediate } from 'node:timers/promises';
import { ByteRoom } from './byte-room.js';

describe('ByteRoom', () => {
  const quiet = new AbortController().signal;
  const open: (() => void)[] = [];
  const at: string[] = [];
  const work = (name: string) => () => {
    at.push(name);
    return new Promise<void>((resolve) => open.push(resolve));
  };

  beforeEach(() => {
    open.length = 0;
    at.length = 0;
  });

  it('lets in what fits, the first to come first, and what is larger than it alone', async () => {
    const room = new ByteRoom(100);
    const all = [
      room.with(60, quiet, work('a')),
      room.with(60, quiet, work('b')),
      room.with(10, quiet, work('c')),
      room.with(999, quiet, work('d')),
    ];
    await setImmediate();
    expect(at).toEqual(['a']);
    open[0]!();
    await setImmediate();
    expect(at).toEqual(['a', 'b', 'c']);
    open[1]!();
    await setImmediate();
    expect(at).toHaveLength(3);
    open[2]!();
    await setImmediate();
    expect(at).toEqual(['a', 'b', 'c', 'd']);
    open[3]!();
    await Promise.all(all);
  });

  it('gives the place back of what fails, and of who waits no longer', async () => {
    const room = new ByteRoom(100);
    await expect(room.with(100, quiet, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    const first = room.with(50, quiet, work('a'));
    const leaver = new AbortController();
    const large = room.with(90, leaver.signal, work('b'));
    const small = room.with(50, quiet, work('c'));
    leaver.abort(new Error('gone'));
    await expect(large).rejects.toThrow('gone');
    await setImmediate();
    expect(at).toEqual(['a', 'c']);
    for (const end of open) end();
    await Promise.all([first, small]);
    await expect(room.with(1, leaver.signal, work('d'))).rejects.toThrow('gone');
  });
});
