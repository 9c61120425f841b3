import { createAnthropic } from '@ai-sdk/anthropic';
import { Injectable } from '@nestjs/common';
import { OutboundClient } from '@guildhall/core';
import { type ModelClient, ModelProvider, type ModelProviderHandler, type ProviderConfig } from '@guildhall/sdk';
import { AiSdkClient } from '../ai-sdk/ai-sdk.client.js';
import { listModels } from '../ai-sdk/list-models.js';
import { adapterSettings } from '../ai-sdk/vendor.js';

const VERSION = '2023-06-01';

/** Claude, by Anthropic's messages API. It has no embeddings. */
@ModelProvider({ kind: 'anthropic', description: 'Anthropic' })
@Injectable()
export class AnthropicProvider implements ModelProviderHandler {
  constructor(private readonly outbound: OutboundClient) {}

  connect(config: ProviderConfig): ModelClient {
    const settings = adapterSettings(this.outbound, config, 'x-api-key');
    const adapter = createAnthropic(settings);
    const headers = { 'x-api-key': settings.apiKey, 'anthropic-version': VERSION };
    return new AiSdkClient(config, {
      chatModel: (name) => adapter.chat(name),
      listModels: (signal) => listModels(config.id, settings, headers, signal),
    });
  }
}
