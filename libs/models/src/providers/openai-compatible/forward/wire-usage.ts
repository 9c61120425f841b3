import type { VendorUsage } from '@guildhall/sdk';

/** The counts of a chat completion as its vendor tells them; undefined where it tells none. */
export function usageFrom(value: unknown): VendorUsage | undefined {
  const { prompt_tokens, completion_tokens, prompt_tokens_details, completion_tokens_details } = fieldsOf(value);
  const inputTokens = reportedCount(prompt_tokens);
  const outputTokens = reportedCount(completion_tokens);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const inputDetails = fieldsOf(prompt_tokens_details);
  const cacheWriteTokens = reportedCount(inputDetails['cache_write_tokens']);
  const reasoningTokens = reportedCount(fieldsOf(completion_tokens_details)['reasoning_tokens']);
  return {
    inputTokens,
    outputTokens,
    cachedTokens: reportedCount(inputDetails['cached_tokens']) ?? 0,
    ...(cacheWriteTokens ? { cacheWriteTokens } : {}),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
  };
}

/** The fields of an object; of anything else, none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** A number as it was told, not yet judged; NaN where something else stands in its place. */
export function reportedCount(value: unknown): number | undefined {
  return typeof value === 'number' ? value : value === undefined || value === null ? undefined : Number.NaN;
}
