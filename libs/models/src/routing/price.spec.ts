import fc from 'fast-check';
import { withUniqueIds } from './call-ids.js';
import { MAX_CALL_TOKENS, MAX_MICRO_USD, MAX_PRICE_PER_MTOK } from '@guildhall/sdk';
import { costMicroUsd, worstCaseMicroUsd } from './price.js';

const usage = (inputTokens: number, outputTokens: number, cachedTokens = 0) => ({
  inputTokens,
  outputTokens,
  cachedTokens,
});
const model = { inputPricePerMTok: 590_000, cachedInputPricePerMTok: 295_000, outputPricePerMTok: 790_000 };

describe('costMicroUsd', () => {
  it.each([
    [usage(1000, 500), 985],
    [usage(1000, 500, 400), 867],
    [usage(0, 0), 0],
    [usage(1, 0), 1],
    [usage(0, 1_000_000), 790_000],
  ])('%j costs %d', (tokens, cost) => {
    expect(costMicroUsd(model, tokens)).toBe(cost);
  });

  it('charges cached input like input where it has no price of its own', () => {
    expect(costMicroUsd({ inputPricePerMTok: 1_000_000 }, usage(10, 0, 4))).toBe(10);
  });

  it('charges input that was put into a cache at its own price, or like input', () => {
    const tokens = { ...usage(1000, 0, 200), cacheWriteTokens: 300 };
    const prices = { inputPricePerMTok: 1_000_000, cachedInputPricePerMTok: 100_000 };
    expect(costMicroUsd({ ...prices, cacheWritePricePerMTok: 1_250_000 }, tokens)).toBe(500 + 20 + 375);
    expect(costMicroUsd(prices, tokens)).toBe(500 + 20 + 300);
  });

  it('never charges more input than there was', () => {
    const tokens = { ...usage(100, 0, 80), cacheWriteTokens: 50 };
    expect(costMicroUsd({ inputPricePerMTok: 1_000_000 }, tokens)).toBe(100);
  });

  it('is nothing for a model without prices', () => {
    expect(costMicroUsd({}, usage(1000, 1000))).toBe(0);
  });

  it('rounds half up, once', () => {
    expect(costMicroUsd({ inputPricePerMTok: 500_000 }, usage(1, 0))).toBe(1);
    expect(costMicroUsd({ inputPricePerMTok: 300_000, outputPricePerMTok: 300_000 }, usage(1, 1))).toBe(1);
    expect(costMicroUsd({ inputPricePerMTok: 240_000, outputPricePerMTok: 240_000 }, usage(1, 1))).toBe(0);
  });

  it('is exact where floating point is not', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.nat(2 ** 31), fc.nat(10 ** 9), (input, output, price) => {
        const exact = (BigInt(input + output) * BigInt(price) + 500_000n) / 1_000_000n;
        const cost = costMicroUsd({ inputPricePerMTok: price, outputPricePerMTok: price }, usage(input, output));
        expect(cost).toBe(Number(exact));
      }),
    );
  });
});

describe('a cost, whatever the numbers', () => {
  const whatever = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(1e300, Infinity, -Infinity, Number.NaN));
  const sizes = fc.tuple(whatever, whatever, whatever, whatever);
  const priced = ([input, cached, written, output]: readonly number[]) => ({
    inputPricePerMTok: input!,
    cachedInputPricePerMTok: cached!,
    cacheWritePricePerMTok: written!,
    outputPricePerMTok: output!,
  });
  const used = ([input, cached, written, output]: readonly number[]) => ({
    ...usage(input!, output!, cached!),
    cacheWriteTokens: written!,
  });
  const isMoney = (cost: number) => Number.isSafeInteger(cost) && cost >= 0 && cost <= MAX_MICRO_USD;

  it('is a number that can be stored and added', () => {
    fc.assert(
      fc.property(sizes, sizes, (prices, tokens) => {
        expect(isMoney(costMicroUsd(priced(prices), used(tokens)))).toBe(true);
      }),
    );
    fc.assert(
      fc.property(sizes, whatever, whatever, (prices, inputTokens, outputTokens) => {
        expect(isMoney(worstCaseMicroUsd(priced(prices), () => ({ inputTokens, outputTokens })))).toBe(true);
      }),
    );
  });

  it('never falls when more was used', () => {
    const tokens = fc.nat(MAX_CALL_TOKENS);
    fc.assert(
      fc.property(fc.nat(MAX_PRICE_PER_MTOK), tokens, tokens, tokens, (price, input, output, more) => {
        const model = { inputPricePerMTok: price, outputPricePerMTok: price };
        const cost = costMicroUsd(model, usage(input, output));
        expect(costMicroUsd(model, usage(input + more, output))).toBeGreaterThanOrEqual(cost);
        expect(costMicroUsd(model, usage(input, output + more))).toBeGreaterThanOrEqual(cost);
      }),
    );
  });

  it('is below its bound for the longest call at the dearest price', () => {
    const model = { inputPricePerMTok: MAX_PRICE_PER_MTOK, outputPricePerMTok: MAX_PRICE_PER_MTOK };
    expect(costMicroUsd(model, usage(MAX_CALL_TOKENS, MAX_CALL_TOKENS))).toBeLessThan(MAX_MICRO_USD);
  });
});

describe('withUniqueIds', () => {
  it('renames what is taken and leaves the rest', () => {
    const messages = [
      { role: 'assistant', text: '', toolCalls: [{ id: 'call_1', tool: 't', input: {} }] },
      { role: 'user', text: 'on' },
    ] as const;
    const calls = ['call_1', 'call_2', 'call_2', ''].map((id) => ({ id, tool: 't', input: {} }));
    expect(withUniqueIds(calls, messages).map(({ id }) => id)).toEqual(['call_1-2', 'call_2', 'call_2-2', 'call']);
  });
});
