import type { VendorUsage } from '@guildhall/sdk';

/** The counts of a chat completion; undefined where the vendor sent none that can be used. */
export function usageFrom(value: unknown): VendorUsage | undefined {
  const { prompt_tokens, completion_tokens, prompt_tokens_details, completion_tokens_details } = fieldsOf(value);
  const inputTokens = count(prompt_tokens);
  const outputTokens = count(completion_tokens);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const inputDetails = fieldsOf(prompt_tokens_details);
  const cacheWriteTokens = count(inputDetails['cache_write_tokens']);
  const reasoningTokens = count(fieldsOf(completion_tokens_details)['reasoning_tokens']);
  return {
    inputTokens,
    outputTokens,
    cachedTokens: count(inputDetails['cached_tokens']) ?? 0,
    ...(cacheWriteTokens ? { cacheWriteTokens } : {}),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
  };
}

/** The fields of an object; of anything else, none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
