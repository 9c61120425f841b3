import { Injectable } from '@nestjs/common';
import { OutboundClient } from '@guildhall/core';
import {
  ConfigurationError,
  type ModelClient,
  ModelProvider,
  type ModelProviderHandler,
  type ProviderConfig,
} from '@guildhall/sdk';
import { OpenAiCompatibleClient } from './openai-compatible.client.js';

/** Any endpoint with OpenAI's chat completions: vLLM, Ollama, llama.cpp, and most vendors. */
@ModelProvider({ kind: 'openai-compatible', description: "Any endpoint that speaks OpenAI's chat completions" })
@Injectable()
export class OpenAiCompatibleProvider implements ModelProviderHandler {
  constructor(private readonly outbound: OutboundClient) {}

  connect(config: ProviderConfig): ModelClient {
    const { baseUrl } = config;
    if (baseUrl === undefined) throw new ConfigurationError(`Provider '${config.id}' has no base URL`);
    const { connectMs } = config.timeouts ?? {};
    const fetch = this.outbound.fetch(config.trust ?? 'tenant', connectMs === undefined ? {} : { connectMs });
    return new OpenAiCompatibleClient({ ...config, baseUrl }, fetch);
  }
}
