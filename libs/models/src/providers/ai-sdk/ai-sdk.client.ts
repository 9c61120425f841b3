import type { EmbeddingModelV4, LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { ClientReply, EmbeddingReply, ModelCall, ModelClient, ProviderConfig } from '@guildhall/sdk';
import { numberPassages } from '../../citations/passages.js';
import { toCallOptions } from './call-options.js';
import { Deadlines } from './deadlines.js';
import { embedAll } from './embed-all.js';
import { toProviderError } from './failure.js';
import { type StreamListener, readStream } from './read-stream.js';
import { ReportedUsage } from './reported-usage.js';
import { type RawReply, rawReply, toReply } from './reply.js';
import { ToolNames } from './tool-names.js';
import type { Vendor } from './vendor.js';

/** How many models' adapters are kept: names may come from callers. */
const MAX_MODELS = 100;

type Hear = (text: string) => void;

/** One endpoint of a vendor for whose wire format the AI SDK has an adapter. */
export class AiSdkClient implements ModelClient {
  readonly listModels?: ModelClient['listModels'];
  readonly embed?: ModelClient['embed'];
  private readonly chatModels = new Map<string, LanguageModelV4>();

  constructor(
    private readonly config: ProviderConfig,
    private readonly vendor: Vendor,
  ) {
    const { listModels, embeddingModel } = vendor;
    if (listModels) this.listModels = (signal) => this.listed(listModels, signal);
    if (embeddingModel) this.embed = (model, texts, signal) => this.embedded(embeddingModel(model), texts, signal);
  }

  async generate(call: ModelCall, onDelta?: Hear, onReasoning?: Hear): Promise<ClientReply> {
    const names = new ToolNames(call.tools);
    const passages = numberPassages(call.knowledge, call.messages);
    return this.limited(call.signal, onDelta !== undefined, async (signal, deadlines) => {
      const options = toCallOptions(call, passages, names, signal);
      const raw = await this.exchange(call, options, deadlines, onDelta && { onDelta, onReasoning });
      if (raw.usage) call.onUsage?.(raw.usage);
      return toReply(this.config.id, raw, { passages, names });
    });
  }

  private async exchange(
    call: ModelCall,
    options: LanguageModelV4CallOptions,
    deadlines: Deadlines,
    listener?: Omit<StreamListener, 'onToken' | 'onEvent'>,
  ): Promise<RawReply> {
    const model = this.chatModel(call.model);
    if (listener) {
      const { stream } = await model.doStream({ ...options, includeRawChunks: true });
      const reported = new ReportedUsage();
      const onToken = () => {
        deadlines.token();
        call.onBegin?.();
      };
      const onEvent = (event: unknown) => {
        const usage = reported.read(event);
        if (usage) call.onUsage?.(usage);
      };
      return readStream(this.config.id, stream, { ...listener, onToken, onEvent });
    }
    const { content, finishReason, usage } = await model.doGenerate(options);
    call.onBegin?.();
    return rawReply(content, finishReason, usage);
  }

  private embedded(model: EmbeddingModelV4, texts: readonly string[], signal: AbortSignal): Promise<EmbeddingReply> {
    return this.limited(signal, false, (limit) => embedAll(this.config.id, model, texts, limit));
  }

  private listed(list: NonNullable<Vendor['listModels']>, signal: AbortSignal) {
    return this.limited(signal, false, (limit) => list(limit));
  }

  /** Within the provider's time limits, and with its failures in our words. */
  private async limited<T>(
    caller: AbortSignal,
    streamed: boolean,
    work: (signal: AbortSignal, deadlines: Deadlines) => PromiseLike<T>,
  ): Promise<T> {
    const deadlines = new Deadlines(this.config.id, this.config.timeouts, streamed);
    const signal = AbortSignal.any([caller, deadlines.signal]);
    try {
      return await work(signal, deadlines);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw toProviderError(this.config.id, error);
    } finally {
      deadlines.clear();
    }
  }

  private chatModel(name: string): LanguageModelV4 {
    const known = this.chatModels.get(name);
    if (known) return known;
    if (this.chatModels.size >= MAX_MODELS) this.chatModels.clear();
    const model = this.vendor.chatModel(name);
    this.chatModels.set(name, model);
    return model;
  }
}
