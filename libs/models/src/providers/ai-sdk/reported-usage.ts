import type { VendorUsage } from '@guildhall/sdk';
import { fieldsOf, reportedCount, usageFrom } from '../openai-compatible/forward/wire-usage.js';

type Fields = ReturnType<typeof fieldsOf>;

/**
 * What a stream's events, as their vendor wrote them, say of usage before it ends: one that breaks off is charged for
 * all the same. OpenAI's format counts in `usage`, Anthropic's at the start of the message and again with its end,
 * Google's in every event.
 */
export class ReportedUsage {
  private known: VendorUsage | undefined;

  /** The counts so far, where this event has any. */
  read(event: unknown): VendorUsage | undefined {
    const { usage, usageMetadata, message } = fieldsOf(event);
    const found =
      usageFrom(usage) ??
      (usageMetadata === undefined ? undefined : fromGoogle(fieldsOf(usageMetadata))) ??
      this.fromAnthropic(fieldsOf(fieldsOf(message)['usage'] ?? usage));
    if (found) this.known = found;
    return found;
  }

  private fromAnthropic(counts: Fields): VendorUsage | undefined {
    const outputTokens = count(counts, 'output_tokens');
    if (outputTokens === undefined) return undefined;
    const fresh = count(counts, 'input_tokens');
    // The end of a message may only say how long it became.
    if (fresh === undefined) return this.known && { ...this.known, outputTokens };
    const cachedTokens = count(counts, 'cache_read_input_tokens') ?? 0;
    const cacheWriteTokens = count(counts, 'cache_creation_input_tokens') ?? 0;
    const inputTokens = fresh + cachedTokens + cacheWriteTokens;
    return { inputTokens, outputTokens, cachedTokens, ...(cacheWriteTokens > 0 ? { cacheWriteTokens } : {}) };
  }
}

function fromGoogle(counts: Fields): VendorUsage | undefined {
  const prompt = count(counts, 'promptTokenCount');
  if (prompt === undefined) return undefined;
  const reasoningTokens = count(counts, 'thoughtsTokenCount') ?? 0;
  return {
    inputTokens: prompt + (count(counts, 'toolUsePromptTokenCount') ?? 0),
    outputTokens: (count(counts, 'candidatesTokenCount') ?? 0) + reasoningTokens,
    cachedTokens: count(counts, 'cachedContentTokenCount') ?? 0,
    ...(reasoningTokens > 0 ? { reasoningTokens } : {}),
  };
}

const count = (counts: Fields, name: string): number | undefined => reportedCount(counts[name]);
