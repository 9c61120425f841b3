import type { EmbeddingReply, ModelClient, ProviderConfig } from '@guildhall/sdk';
import { withinLimits } from '../ai-sdk/audio-limits.js';
import { malformed } from '../ai-sdk/failure.js';
import type { AdapterSettings } from '../ai-sdk/vendor.js';
import { listIn } from './chat/chat-reply.js';
import { fieldsOf, reportedCount } from './forward/wire-usage.js';
import { jsonOf, post } from './post-to-endpoint.js';

type Tokens = Parameters<NonNullable<ModelClient['embedTokens']>>[1];

/** The same client, which also takes tokens in place of texts: the AI SDK's models know only texts. */
export function withTokens<Client extends ModelClient>(
  client: Client,
  config: ProviderConfig,
  settings: AdapterSettings,
): Client {
  const { id } = config;
  return Object.assign(client, {
    embedTokens: (model, tokens, caller) =>
      withinLimits(config, caller, false, async (signal) => {
        const body = JSON.stringify({ model, input: tokens, encoding_format: 'float' });
        const headers = { 'content-type': 'application/json' };
        return toReply(id, tokens, await jsonOf(id, await post(id, settings, 'embeddings', { body, headers, signal })));
      }),
  } satisfies Pick<ModelClient, 'embedTokens'>);
}

function toReply(provider: string, tokens: Tokens, answer: unknown): EmbeddingReply {
  const { data, usage } = fieldsOf(answer);
  const vectors = listIn(provider, data).map((item) => vectorOf(provider, item));
  if (vectors.length !== tokens.length) {
    throw malformed(provider, `has ${vectors.length} vectors for ${tokens.length} texts`);
  }
  const inputTokens = reportedCount(fieldsOf(usage)['prompt_tokens']);
  return { vectors, ...(inputTokens === undefined ? {} : { usage: { inputTokens } }) };
}

function vectorOf(provider: string, item: unknown): number[] {
  const { embedding } = fieldsOf(item);
  if (Array.isArray(embedding) && embedding.every((value) => typeof value === 'number')) return embedding;
  throw malformed(provider, 'cannot be understood');
}
