import { usagePeriod } from './usage-period.js';

const NOW = Date.UTC(2026, 10, 21, 8);

describe('the period of a usage report', () => {
  it.each([
    [{}, '2026-10-23', '2026-11-21'],
    [{ to: '2026-03-30' }, '2026-03-01', '2026-03-30'],
    [{ from: '2026-11-01' }, '2026-11-01', '2026-11-21'],
    [{ from: '2026-11-01T23:30:00-02:00', to: '2026-11-02' }, '2026-11-02', '2026-11-02'],
  ])('%o is from %s to %s', (asked, from, to) => {
    expect(usagePeriod(asked, NOW)).toEqual({ from, to });
  });

  it.each([
    [{ from: '2026-02-30' }, ['from']],
    [{ from: '2026-02-30T00:00:00Z' }, ['from']],
    [{ from: 'x', to: 'y' }, ['to', 'from']],
    [{ from: '2026-11-02', to: '2026-11-01' }, ['from']],
  ])('%o is refused', (asked, paths) => {
    let thrown: unknown;
    try {
      usagePeriod(asked, NOW);
    } catch (error) {
      thrown = error;
    }
    expect((thrown as { details: { path: string }[] }).details.map(({ path }) => path)).toEqual(paths);
  });
});
