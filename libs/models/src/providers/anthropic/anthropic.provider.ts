import { createAnthropic } from '@ai-sdk/anthropic';
import { Injectable } from '@nestjs/common';
import { OutboundClient } from '@guildhall/core';
import { type ModelClient, ModelProvider, type ModelProviderHandler, type ProviderConfig } from '@guildhall/sdk';
import { AiSdkClient } from '../ai-sdk/ai-sdk.client.js';
import { adapterSettings } from '../ai-sdk/vendor.js';

/** Claude, by Anthropic's messages API. It has no embeddings. */
@ModelProvider({ kind: 'anthropic', description: 'Anthropic' })
@Injectable()
export class AnthropicProvider implements ModelProviderHandler {
  constructor(private readonly outbound: OutboundClient) {}

  connect(config: ProviderConfig): ModelClient {
    const adapter = createAnthropic(adapterSettings(this.outbound, config, 'x-api-key'));
    return new AiSdkClient(config, { chatModel: (name) => adapter.chat(name) });
  }
}
