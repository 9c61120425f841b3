import { settingsFrom } from '../config/load-settings.js';
import { MemoryGuard } from './memory-guard.js';

const lines: string[] = [];
const note = (_fields: object, message?: string) => void lines.push(message!);
const logger = { debug: note, info: note, warn: note, error: note };

/** Memory as the test says. */
class FakeMemory extends MemoryGuard {
  used = 0;
  garbage = 0;
  collections = 0;

  protected override pressure(): number {
    return this.used + this.garbage;
  }

  protected override collect(): void {
    this.garbage = 0;
    this.collections++;
  }
}

describe('MemoryGuard', () => {
  let memory: FakeMemory;
  let now = 0;
  /** What it says of this much in use; each look is far enough from the last. */
  const with_ = (used: number, garbage = 0) => {
    Object.assign(memory, { used, garbage });
    memory.look((now += 10_000));
    return memory.isShort;
  };

  beforeEach(() => {
    lines.length = 0;
    memory = new FakeMemory(settingsFrom({}), logger);
  });

  it('says that memory is short, and that there is more only when there is clearly more', () => {
    expect([0.5, 0.99, 1, 0.95, 0.9, 0.89, 0.95].map((used) => with_(used))).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(lines).toEqual([expect.stringContaining('is short'), expect.stringContaining('again')]);
  });

  it('does not take garbage for a want, nor collect while there is room', () => {
    expect([with_(0.5, 0.4), memory.collections]).toEqual([false, 0]);
    expect([with_(0.5, 0.55), memory.collections]).toEqual([false, 1]);
  });

  it('refuses near the end at once, and looks again when it may collect', () => {
    with_(1);
    with_(0.5);
    Object.assign(memory, { used: 0.3, garbage: 0.9 });
    memory.look(now + 1);
    expect([memory.isShort, memory.collections]).toEqual([true, 2]);
    memory.look(now + 5000);
    expect([memory.isShort, memory.collections]).toEqual([false, 3]);
  });

  it('measures this process against the limit it is given', () => {
    const tight = new MemoryGuard(settingsFrom({ MEMORY_LIMIT: 16 }), logger);
    tight.look();
    const wide = new MemoryGuard(settingsFrom({ MEMORY_LIMIT: 1_000_000 }), logger);
    wide.look();
    expect([tight.isShort, wide.isShort]).toEqual([true, false]);
  });
});
