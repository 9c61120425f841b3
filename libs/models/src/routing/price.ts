import type { ProviderModel, TokenUsage } from '@guildhall/sdk';

const TOKENS_PER_PRICE = 1_000_000n;

/**
 * What a call cost in micro-USD: exact until the end, rounded once (half up). Input read from the vendor's cache, and
 * input put into it, are parts of the input; without a price of their own they cost what input costs. A model without prices costs nothing.
 */
export function costMicroUsd(model: Partial<ProviderModel>, usage: Omit<TokenUsage, 'costMicroUsd'>): number {
  const inputPrice = model.inputPricePerMTok ?? 0;
  const cached = Math.min(usage.cachedTokens, usage.inputTokens);
  const written = Math.min(usage.cacheWriteTokens ?? 0, usage.inputTokens - cached);
  const total =
    product(usage.inputTokens - cached - written, inputPrice) +
    product(cached, model.cachedInputPricePerMTok ?? inputPrice) +
    product(written, model.cacheWritePricePerMTok ?? inputPrice) +
    product(usage.outputTokens, model.outputPricePerMTok ?? 0);
  return Number((total + TOKENS_PER_PRICE / 2n) / TOKENS_PER_PRICE);
}

function product(tokens: number, price: number): bigint {
  return BigInt(tokens) * BigInt(price);
}
