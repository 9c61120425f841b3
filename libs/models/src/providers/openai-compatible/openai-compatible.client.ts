import type { LanguageModelV4 } from '@ai-sdk/provider';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { ClientReply, ModelCall, ModelClient, ProviderConfig, ProviderModel } from '@guildhall/sdk';
import { numberPassages } from '../../citations/passages.js';
import { boundedFetch } from './bounded-fetch.js';
import { toCallOptions } from './call-options.js';
import { Deadlines } from './deadlines.js';
import { toProviderError } from './failure.js';
import { listModels } from './list-models.js';
import { readStream } from './read-stream.js';
import { type RawReply, rawReply, toReply } from './reply.js';
import { ToolNames } from './tool-names.js';

type Fetch = typeof globalThis.fetch;

/** How many models' adapters are kept: names may come from callers. */
const MAX_MODELS = 100;

/** One endpoint that speaks OpenAI's chat completions, through the AI SDK's adapter. */
export class OpenAiCompatibleClient implements ModelClient {
  private readonly models = new Map<string, LanguageModelV4>();
  private readonly chatModel: (name: string) => LanguageModelV4;
  private readonly fetch: Fetch;

  constructor(
    private readonly config: ProviderConfig & { readonly baseUrl: string },
    fetch: Fetch,
  ) {
    this.fetch = boundedFetch(fetch);
    const provider = createOpenAICompatible({
      name: 'guildhall',
      baseURL: config.baseUrl,
      fetch: this.fetch,
      includeUsage: true,
      supportsStructuredOutputs: true,
      ...(config.apiKey === undefined ? {} : { apiKey: config.apiKey }),
    });
    this.chatModel = (name) => provider.chatModel(name);
  }

  async generate(call: ModelCall, onDelta?: (text: string) => void): Promise<ClientReply> {
    const deadlines = new Deadlines(this.config.id, this.config.timeouts, onDelta !== undefined);
    const signal = AbortSignal.any([call.signal, deadlines.signal]);
    const names = new ToolNames(call.tools);
    const passages = numberPassages(call.knowledge, call.messages);
    try {
      const options = toCallOptions(call, passages, names, signal);
      const raw = await this.exchange(call.model, options, deadlines, onDelta);
      return toReply(this.config.id, raw, { call, passages, names });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw toProviderError(this.config.id, error);
    } finally {
      deadlines.clear();
    }
  }

  async listModels(signal: AbortSignal): Promise<readonly ProviderModel[]> {
    try {
      return await listModels(this.config, this.fetch, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw toProviderError(this.config.id, error);
    }
  }

  private async exchange(
    name: string,
    options: Parameters<LanguageModelV4['doGenerate']>[0],
    deadlines: Deadlines,
    onDelta?: (text: string) => void,
  ): Promise<RawReply> {
    const model = this.model(name);
    if (onDelta) {
      const { stream } = await model.doStream(options);
      return readStream(this.config.id, stream, onDelta, () => deadlines.token());
    }
    const { content, finishReason, usage } = await model.doGenerate(options);
    return rawReply(content, finishReason, usage);
  }

  private model(name: string): LanguageModelV4 {
    const known = this.models.get(name);
    if (known) return known;
    if (this.models.size >= MAX_MODELS) this.models.clear();
    const model = this.chatModel(name);
    this.models.set(name, model);
    return model;
  }
}
