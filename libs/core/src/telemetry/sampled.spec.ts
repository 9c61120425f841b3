import { Metrics } from './metrics.js';
import { sampled } from './sampled.js';

describe('a sampled reading', () => {
  it('is taken once for all who look within two seconds', async () => {
    jest.useFakeTimers();
    try {
      let taken = 0;
      const look = sampled(() => Promise.resolve(++taken));
      expect(await Promise.all([look(), look()])).toEqual([1, 1]);
      await jest.advanceTimersByTimeAsync(1_900);
      expect(await look()).toBe(1);
      await jest.advanceTimersByTimeAsync(200);
      expect(await look()).toBe(2);
    } finally {
      jest.useRealTimers();
    }
  });

  it('is left out of the metrics while it fails or hangs, and is asked for no second time meanwhile', async () => {
    jest.useFakeTimers();
    try {
      let asked = 0;
      const hanging = sampled(() => (asked++, new Promise<number>(() => {})));
      const metrics = new Metrics();
      let value: number | Error = 5;
      metrics.observe('fails', 'Fails', () =>
        sampled(() => (value instanceof Error ? Promise.reject(value) : Promise.resolve(value)))(),
      );
      metrics.observe('hangs', 'Hangs', hanging);
      const read = async () => {
        const text = metrics.registry.metrics();
        await jest.advanceTimersByTimeAsync(1_000);
        return (await text).split('\n').filter((line) => /^(fails|hangs)/.test(line));
      };
      expect(await read()).toEqual(['fails 5']);
      value = new Error('away');
      expect(await read()).toEqual([]);
      expect(asked).toBe(1);
    } finally {
      jest.useRealTimers();
    }
  });
});
