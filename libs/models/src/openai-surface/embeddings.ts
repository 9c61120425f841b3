import { Injectable } from '@nestjs/common';
import {
  type EmbeddingReply,
  type ErrorDetail,
  MAX_CALL_TOKENS,
  type ModelClient,
  type RequestContext,
} from '@guildhall/sdk';
import { ChatGateway, userOf } from './chat-gateway.js';
import { modelFaults } from './chat-request.js';
import { type Fields, isFields, refuseAll, unsupported, withoutNulls, wrong } from './faults.js';
import { estimateTokens } from '../text/estimate-tokens.js';
import { namedModel } from './model-name.js';
import { numberFaults } from './number-faults.js';

const MAX_INPUTS = 2048;

/** Texts, or texts that the caller cut into tokens already. */
type EmbeddingInput = { readonly texts: readonly string[] } | { readonly tokens: readonly (readonly number[])[] };

interface EmbeddingRequest {
  readonly model: string;
  readonly input: EmbeddingInput;
  readonly base64: boolean;
}

/** Texts as vectors, by the model that is named: an embedding is of no use to another model's. */
@Injectable()
export class Embeddings {
  constructor(private readonly gateway: ChatGateway) {}

  async create(ctx: RequestContext, body: unknown): Promise<object> {
    const { model, input, base64 } = embeddingRequest(body);
    const named = namedModel(model);
    if (named.kind === 'agent' || named.reference.provider === undefined) {
      throw wrong('model', 'Name an embedding model as <provider>/<model>');
    }
    const question = {
      restartable: true,
      size: () => ({ inputTokens: tokensIn(input), outputTokens: 0 }),
      ask: async (client: ModelClient, name: string) => {
        const { vectors, usage } = await embed(client, { model, name, input, signal: ctx.signal });
        return { vectors, ...(usage ? { usage: { ...usage, outputTokens: 0, cachedTokens: 0 } } : {}) };
      },
    };
    const reply = await this.gateway.route(ctx, named.reference, question, userOf(body as Fields));
    const { inputTokens } = reply.usage;
    return {
      object: 'list',
      data: reply.vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: base64 ? inBase64(vector) : vector,
      })),
      model: reply.model,
      usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
    };
  }
}

interface EmbeddingCall {
  /** As the caller named it. */
  readonly model: string;
  /** As the vendor does. */
  readonly name: string;
  readonly input: EmbeddingInput;
  readonly signal: AbortSignal;
}

async function embed(client: ModelClient, { model, name, input, signal }: EmbeddingCall): Promise<EmbeddingReply> {
  if (!client.embed) throw unsupported('model', `The provider of '${model}' has no embeddings`);
  if ('texts' in input) return client.embed(name, input.texts, signal);
  if (client.embedTokens) return client.embedTokens(name, input.tokens, signal);
  const message =
    `The provider of '${model}' takes texts, and no numbers of tokens: ` +
    'send texts (LangChain: check_embedding_ctx_length=False)';
  throw unsupported('input', message);
}

function tokensIn(input: EmbeddingInput): number {
  if ('texts' in input) return estimateTokens(...input.texts);
  return input.tokens.reduce((sum, { length }) => sum + length, 0);
}

function embeddingRequest(body: unknown): EmbeddingRequest {
  if (!isFields(body)) throw wrong('', 'The body must be a JSON object with "model" and "input"');
  const { model, input, encoding_format: format = 'float', dimensions } = withoutNulls(body);
  if (dimensions !== undefined)
    throw unsupported('dimensions', 'Vectors come as the model makes them: leave dimensions out');
  const faults: ErrorDetail[] = [...modelFaults(model), ...numberFaults(body)];
  const read = readInput(input);
  if (!read) {
    const message =
      `input must be a text or a list of token numbers, or a list of up to ${MAX_INPUTS} of either, ` +
      'none of them empty';
    faults.push({ path: 'input', code: 'invalid_value', message });
  }
  if (format !== 'float' && format !== 'base64') {
    const message = 'encoding_format must be float or base64';
    faults.push({ path: 'encoding_format', code: 'invalid_value', message });
  }
  refuseAll(faults);
  return { model: model as string, input: read!, base64: format === 'base64' };
}

function readInput(input: unknown): EmbeddingInput | undefined {
  const items = isTokens(input) || !Array.isArray(input) ? [input] : (input as unknown[]);
  if (items.length === 0 || items.length > MAX_INPUTS) return undefined;
  if (items.every((item) => typeof item === 'string' && item !== '')) return { texts: items as string[] };
  return items.every(isTokens) ? { tokens: items } : undefined;
}

function isTokens(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MAX_CALL_TOKENS &&
    value.every((token) => Number.isSafeInteger(token) && token >= 0)
  );
}

/** Little-endian 32-bit floats, as OpenAI sends them. */
function inBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}
