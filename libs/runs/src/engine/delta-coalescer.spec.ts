import { DeltaCoalescer } from './delta-coalescer.js';

describe('the delta coalescer', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('hands on the first piece at once, and the rest joined every 50 ms', () => {
    const emitted: string[] = [];
    const coalescer = new DeltaCoalescer((text) => emitted.push(text));
    for (const piece of ['a', 'b', 'c']) coalescer.push(piece);
    expect(emitted).toEqual(['a']);
    jest.advanceTimersByTime(50);
    expect(emitted).toEqual(['a', 'bc']);
    coalescer.push('d');
    expect(emitted).toEqual(['a', 'bc']);
    jest.advanceTimersByTime(50);
    expect(emitted).toEqual(['a', 'bc', 'd']);
  });

  it('is at once again after a pause', () => {
    const emitted: string[] = [];
    const coalescer = new DeltaCoalescer((text) => emitted.push(text));
    coalescer.push('a');
    jest.advanceTimersByTime(200);
    coalescer.push('b');
    expect(emitted).toEqual(['a', 'b']);
    coalescer.end();
  });

  it('hands on the rest at the end, and nothing after it was told to discard', () => {
    const emitted: string[] = [];
    const coalescer = new DeltaCoalescer((text) => emitted.push(text));
    coalescer.push('');
    coalescer.push('a');
    coalescer.push('b');
    coalescer.end();
    coalescer.push('c');
    coalescer.push('d');
    coalescer.discard();
    jest.advanceTimersByTime(200);
    expect(emitted).toEqual(['a', 'b', 'c']);
    expect(jest.getTimerCount()).toBe(0);
  });
});
