import { MAX_CALL_TOKENS, type VendorUsage } from '@guildhall/sdk';

export interface Judgement {
  /** Undefined where it says nothing that could be true: as if the vendor had not counted. */
  readonly usage: VendorUsage | undefined;
  /** Whether anything had to be changed. */
  readonly isDoubtful: boolean;
}

/**
 * What a vendor says that a call used, as far as it can be true, before anybody pays for it. More than any call can use
 * is that much; what is no count at all is not believed, and nor is the rest of a report whose input or output is none.
 */
export function believableUsage(reported: VendorUsage): Judgement {
  const inputTokens = countOf(reported.inputTokens);
  const outputTokens = countOf(reported.outputTokens);
  if (inputTokens === undefined || outputTokens === undefined) return { usage: undefined, isDoubtful: true };
  const cacheWriteTokens = countOf(reported.cacheWriteTokens);
  const reasoningTokens = countOf(reported.reasoningTokens);
  const usage = {
    inputTokens,
    outputTokens,
    cachedTokens: countOf(reported.cachedTokens) ?? 0,
    ...(cacheWriteTokens === undefined ? {} : { cacheWriteTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
  };
  const isDoubtful = Object.entries(reported).some(([name, value]) => value !== usage[name as keyof VendorUsage]);
  return { usage, isDoubtful };
}

function countOf(value: unknown): number | undefined {
  if (typeof value !== 'number' || !(value >= 0)) return undefined;
  if (value > MAX_CALL_TOKENS) return MAX_CALL_TOKENS;
  return Number.isInteger(value) ? value : undefined;
}
