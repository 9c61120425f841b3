import fc from 'fast-check';
import { MAX_CALL_TOKENS, type VendorUsage } from '@guildhall/sdk';
import { believableUsage } from './believable-usage.js';

const usage = (inputTokens: unknown, outputTokens: unknown, more: object = {}) =>
  ({ inputTokens, outputTokens, cachedTokens: 0, ...more }) as VendorUsage;

describe('what a vendor says that a call used', () => {
  it('is taken as it is where it can be true', () => {
    const said = usage(1001, 33, { cachedTokens: 400, reasoningTokens: 20, cacheWriteTokens: 7 });
    expect(believableUsage(said)).toEqual({ usage: said, isDoubtful: false });
    expect(believableUsage(usage(0, 0, { reasoningTokens: undefined }))).toEqual({
      usage: usage(0, 0),
      isDoubtful: false,
    });
  });

  it.each([9007199254740991, 1e300, Infinity, MAX_CALL_TOKENS + 1])('is cut to what a call can use: %d', (tokens) => {
    const most = usage(MAX_CALL_TOKENS, MAX_CALL_TOKENS, { cachedTokens: MAX_CALL_TOKENS });
    const said = usage(tokens, tokens, { cachedTokens: tokens });
    expect(believableUsage(said)).toEqual({ usage: most, isDoubtful: true });
  });

  it.each([-5, 1.5, Number.NaN, -Infinity, '12', null])('is as good as not said where it is no count: %p', (tokens) => {
    expect(believableUsage(usage(tokens, 4))).toEqual({ usage: undefined, isDoubtful: true });
    expect(believableUsage(usage(4, tokens))).toEqual({ usage: undefined, isDoubtful: true });
    const parts = { cachedTokens: tokens, cacheWriteTokens: tokens, reasoningTokens: tokens };
    expect(believableUsage(usage(4, 4, parts))).toEqual({ usage: usage(4, 4), isDoubtful: true });
  });

  it('is counts of what a call can use, whatever was said', () => {
    const anything = fc.anything({ withBigInt: true });
    fc.assert(
      fc.property(fc.oneof(anything, fc.double(), fc.maxSafeInteger()), fc.nat(), anything, (input, output, part) => {
        const judged = believableUsage(usage(input, output, { cachedTokens: part, reasoningTokens: part })).usage;
        for (const count of Object.values(judged ?? {})) {
          expect(Number.isInteger(count) && count >= 0 && count <= MAX_CALL_TOKENS).toBe(true);
        }
      }),
    );
  });
});
