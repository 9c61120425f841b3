import {
  MAX_MICRO_USD,
  MAX_PRICE_PER_MTOK,
  MAX_SUM,
  type ProviderModel,
  type TokenUsage,
  toCount,
} from '@guildhall/sdk';

const TOKENS_PER_PRICE = 1_000_000n;

/**
 * What a call cost in micro-USD: exact until the end, rounded once (half up). Input read from the vendor's cache, and
 * input put into it, are parts of the input; without a price of their own they cost what input costs. A model without prices costs nothing.
 * Total: whatever the numbers are, and wherever they come from, a call costs from nothing to `MAX_MICRO_USD`.
 */
export function costMicroUsd(model: Partial<ProviderModel>, usage: Omit<TokenUsage, 'costMicroUsd'>): number {
  if (isFree(model)) return 0;
  const inputPrice = model.inputPricePerMTok ?? 0;
  const cached = Math.min(usage.cachedTokens, usage.inputTokens);
  const written = Math.min(usage.cacheWriteTokens ?? 0, usage.inputTokens - cached);
  const total =
    product(usage.inputTokens - cached - written, inputPrice) +
    product(cached, model.cachedInputPricePerMTok ?? inputPrice) +
    product(written, model.cacheWritePricePerMTok ?? inputPrice) +
    product(usage.outputTokens, model.outputPricePerMTok ?? 0);
  return Math.min(Number((total + TOKENS_PER_PRICE / 2n) / TOKENS_PER_PRICE), MAX_MICRO_USD);
}

/** How much a call sends, and how much may come back; what is not limited is taken for a long answer. */
export interface CallSize {
  readonly inputTokens: number;
  readonly outputTokens: number | undefined;
}

/** Tokens. */
export const LONG_ANSWER = 4096;

/** What a call may cost at most, as far as that can be said before it is made. At least 1, so that it counts. */
export function worstCaseMicroUsd(model: Partial<ProviderModel>, sizeOf: () => CallSize): number {
  const { inputPricePerMTok = 0, cacheWritePricePerMTok = 0, outputPricePerMTok = 0 } = model;
  const dearest = { inputPricePerMTok: Math.max(inputPricePerMTok, cacheWritePricePerMTok), outputPricePerMTok };
  if (dearest.inputPricePerMTok === 0 && outputPricePerMTok === 0) return 1;
  const { inputTokens, outputTokens = LONG_ANSWER } = sizeOf();
  return Math.max(1, costMicroUsd(dearest, { inputTokens, outputTokens, cachedTokens: 0 }));
}

function isFree(model: Partial<ProviderModel>): boolean {
  const { inputPricePerMTok, cachedInputPricePerMTok, cacheWritePricePerMTok, outputPricePerMTok } = model;
  return !(inputPricePerMTok || cachedInputPricePerMTok || cacheWritePricePerMTok || outputPricePerMTok);
}

function product(tokens: number, price: number): bigint {
  return BigInt(toCount(tokens, MAX_SUM)) * BigInt(toCount(price, MAX_PRICE_PER_MTOK));
}
