import { Injectable } from '@nestjs/common';
import type { ErrorDetail, ModelClient, RequestContext } from '@guildhall/sdk';
import { ChatGateway, userOf } from './chat-gateway.js';
import { modelFaults } from './chat-request.js';
import { type Fields, isFields, refuseAll, unsupported, wrong } from './faults.js';
import { estimateTokens } from '../text/estimate-tokens.js';
import { namedModel } from './model-name.js';
import { numberFaults } from './number-faults.js';

const MAX_TEXTS = 2048;

interface EmbeddingRequest {
  readonly model: string;
  readonly texts: readonly string[];
  readonly base64: boolean;
}

/** Texts as vectors, by the model that is named: an embedding is of no use to another model's. */
@Injectable()
export class Embeddings {
  constructor(private readonly gateway: ChatGateway) {}

  async create(ctx: RequestContext, body: unknown): Promise<object> {
    const { model, texts, base64 } = embeddingRequest(body);
    const named = namedModel(model);
    if (named.kind === 'agent' || named.reference.provider === undefined) {
      throw wrong('model', 'Name an embedding model as <provider>/<model>');
    }
    const question = {
      restartable: true,
      size: () => ({ inputTokens: estimateTokens(...texts), outputTokens: 0 }),
      ask: async (client: ModelClient, name: string) => {
        if (!client.embed) throw unsupported('model', `The provider of '${model}' has no embeddings`);
        const { vectors, usage } = await client.embed(name, texts, ctx.signal);
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

function embeddingRequest(body: unknown): EmbeddingRequest {
  if (!isFields(body)) throw wrong('', 'The body must be a JSON object with "model" and "input"');
  const { model, input, encoding_format: format = 'float', dimensions } = body;
  if (dimensions !== undefined)
    throw unsupported('dimensions', 'Vectors come as the model makes them: leave dimensions out');
  const faults: ErrorDetail[] = [...modelFaults(model), ...numberFaults(body)];
  const texts: unknown[] = [input].flat();
  if (
    texts.length === 0 ||
    texts.length > MAX_TEXTS ||
    !texts.every((text) => typeof text === 'string' && text !== '')
  ) {
    const message = `input must be a text, or a list of up to ${MAX_TEXTS} texts, none of them empty`;
    faults.push({ path: 'input', code: 'invalid_value', message });
  }
  if (format !== 'float' && format !== 'base64') {
    const message = 'encoding_format must be float or base64';
    faults.push({ path: 'encoding_format', code: 'invalid_value', message });
  }
  refuseAll(faults);
  return { model: model as string, texts: texts as string[], base64: format === 'base64' };
}

/** Little-endian 32-bit floats, as OpenAI sends them. */
function inBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}
