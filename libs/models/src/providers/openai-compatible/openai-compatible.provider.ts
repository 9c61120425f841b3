import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { Injectable } from '@nestjs/common';
import { OutboundClient } from '@guildhall/core';
import { type ModelClient, ModelProvider, type ModelProviderHandler, type ProviderConfig } from '@guildhall/sdk';
import { AiSdkClient } from '../ai-sdk/ai-sdk.client.js';
import { listModels } from '../ai-sdk/list-models.js';
import { adapterSettings, bearer } from '../ai-sdk/vendor.js';
import { withAudio } from './audio/audio.js';
import { directChat } from './chat/direct-chat.js';
import { forwarding } from './forward/forwarding.js';
import { withTokens } from './embed-tokens.js';

/** Any endpoint with OpenAI's chat completions: vLLM, Ollama, llama.cpp, and most vendors. */
@ModelProvider({ kind: 'openai-compatible', description: "Any endpoint that speaks OpenAI's chat completions" })
@Injectable()
export class OpenAiCompatibleProvider implements ModelProviderHandler {
  constructor(private readonly outbound: OutboundClient) {}

  connect(config: ProviderConfig): ModelClient {
    const settings = adapterSettings(this.outbound, config, 'authorization');
    const adapter = createOpenAICompatible({
      ...settings,
      name: 'guildhall',
      includeUsage: true,
      supportsStructuredOutputs: true,
    });
    const client = new AiSdkClient(config, {
      chatModel: (name) => adapter.chatModel(name),
      embeddingModel: (name) => adapter.embeddingModel(name),
      listModels: (signal) => listModels(config.id, settings, bearer(settings), signal),
    });
    const chatting = directChat(config.id, forwarding(client, config, settings, this.outbound));
    return withTokens(withAudio(chatting, config, settings), config, settings);
  }
}
