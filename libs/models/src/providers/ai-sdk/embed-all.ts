import type { EmbeddingModelV4 } from '@ai-sdk/provider';
import type { EmbeddingReply } from '@guildhall/sdk';
import { malformed } from './failure.js';

/** Turns texts into vectors, as many at once as the vendor takes. Counted only where the vendor counts (Google does not). */
export async function embedAll(
  provider: string,
  model: EmbeddingModelV4,
  texts: readonly string[],
  abortSignal: AbortSignal,
): Promise<EmbeddingReply> {
  const size = (await model.maxEmbeddingsPerCall) ?? texts.length;
  const vectors: number[][] = [];
  let inputTokens: number | undefined;
  for (let at = 0; at < texts.length; at += size) {
    const values = texts.slice(at, at + size);
    const { embeddings, usage } = await model.doEmbed({ values, abortSignal });
    if (embeddings.length !== values.length) {
      throw malformed(provider, `has ${embeddings.length} vectors for ${values.length} texts`);
    }
    vectors.push(...embeddings);
    if (usage) inputTokens = (inputTokens ?? 0) + usage.tokens;
  }
  return { vectors, ...(inputTokens === undefined ? {} : { usage: { inputTokens } }) };
}
