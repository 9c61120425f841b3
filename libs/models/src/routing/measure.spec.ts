import { CallWindow } from './call-window.js';
import { averageOf, costPart, healthPart, performancePart } from './measure.js';

const calls = (succeeded: number, failed: number, medianMs?: number) => ({ succeeded, failed, medianMs });

describe('healthPart', () => {
  it('is the share of calls that succeeded, the benefit of the doubt included', () => {
    expect(healthPart('closed', calls(0, 0))).toBe(1);
    expect(healthPart('closed', calls(9, 0))).toBe(1);
    expect(healthPart('closed', calls(8, 1))).toBe(0.9);
    expect(healthPart('closed', calls(0, 3))).toBe(0.25);
  });

  it('is nothing while the breaker is open and full while it waits for its probe', () => {
    expect(healthPart('open', calls(9, 0))).toBe(0);
    expect(healthPart('half_open', calls(0, 5))).toBe(1);
  });
});

describe('costPart', () => {
  it('is 1 for free, a half for a dollar a million tokens, and falls with the price', () => {
    expect(costPart({})).toBe(1);
    expect(costPart({ inputPricePerMTok: 1_000_000, outputPricePerMTok: 1_000_000 })).toBe(0.5);
    expect(costPart({ inputPricePerMTok: 0, outputPricePerMTok: 4_000_000 })).toBe(0.5);
    expect(costPart({ inputPricePerMTok: 9_000_000, outputPricePerMTok: 9_000_000 })).toBeCloseTo(0.1, 10);
  });
});

describe('performancePart', () => {
  it('is a half for a second, more when faster, and nothing when unmeasured', () => {
    expect(performancePart(calls(0, 0))).toBeUndefined();
    expect(performancePart(calls(1, 0, 1000))).toBe(0.5);
    expect(performancePart(calls(1, 0, 0))).toBe(1);
    expect(performancePart(calls(1, 0, 4000))).toBe(0.2);
  });
});

describe('averageOf', () => {
  it('is the mean of what was measured, or the middle', () => {
    expect(averageOf([0.2, undefined, 0.4])).toBeCloseTo(0.3, 10);
    expect(averageOf([undefined])).toBe(0.5);
  });
});

describe('CallWindow', () => {
  const clock = { at: 0 };
  const window = () => new CallWindow(() => clock.at);

  it('counts outcomes and takes the median of the successful', () => {
    const calls = window();
    [300, 100, 200].forEach((ms) => calls.succeeded(ms));
    calls.failed();
    expect(calls.summary()).toEqual({ succeeded: 3, failed: 1, medianMs: 200 });
  });

  it('forgets what is older than five minutes, and all but a hundred', () => {
    clock.at = 0;
    const calls = window();
    calls.failed();
    clock.at = 300_001;
    for (let i = 0; i < 150; i++) calls.succeeded(10);
    expect(calls.summary()).toEqual({ succeeded: 100, failed: 0, medianMs: 10 });
  });

  it('forgets failures when the provider is back', () => {
    const calls = window();
    calls.failed();
    calls.succeeded(5);
    calls.recovered();
    expect(calls.summary()).toEqual({ succeeded: 1, failed: 0, medianMs: 5 });
  });
});
