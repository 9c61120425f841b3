import { createOpenAI } from '@ai-sdk/openai';
import { Injectable } from '@nestjs/common';
import { OutboundClient } from '@guildhall/core';
import { type ModelClient, ModelProvider, type ModelProviderHandler, type ProviderConfig } from '@guildhall/sdk';
import { AiSdkClient } from '../ai-sdk/ai-sdk.client.js';
import { listModels } from '../ai-sdk/list-models.js';
import { adapterSettings, bearer } from '../ai-sdk/vendor.js';
import { withAudio } from '../openai-compatible/audio/audio.js';
import { forwarding } from '../openai-compatible/forward/forwarding.js';
import { withTokens } from '../openai-compatible/embed-tokens.js';

/** OpenAI's chat completions, with what only its own models want: reasoning models take other parameters. */
@ModelProvider({ kind: 'openai', description: 'OpenAI' })
@Injectable()
export class OpenAiProvider implements ModelProviderHandler {
  constructor(private readonly outbound: OutboundClient) {}

  connect(config: ProviderConfig): ModelClient {
    const settings = adapterSettings(this.outbound, config, 'authorization');
    const adapter = createOpenAI(settings);
    const client = new AiSdkClient(config, {
      chatModel: (name) => adapter.chat(name),
      embeddingModel: (name) => adapter.embeddingModel(name),
      listModels: (signal) => listModels(config.id, settings, bearer(settings), signal),
    });
    const forwarded = forwarding(client, config, settings, this.outbound);
    return withTokens(withAudio(forwarded, config, settings), config, settings);
  }
}
