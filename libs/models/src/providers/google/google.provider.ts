import { createGoogle } from '@ai-sdk/google';
import { Injectable } from '@nestjs/common';
import { OutboundClient } from '@guildhall/core';
import { type ModelClient, ModelProvider, type ModelProviderHandler, type ProviderConfig } from '@guildhall/sdk';
import { AiSdkClient } from '../ai-sdk/ai-sdk.client.js';
import { withAudioModels } from '../ai-sdk/audio-models.js';
import { listModels } from '../ai-sdk/list-models.js';
import { adapterSettings } from '../ai-sdk/vendor.js';

/** Gemini, by Google's `generateContent`. */
@ModelProvider({ kind: 'google', description: 'Google Gemini' })
@Injectable()
export class GoogleProvider implements ModelProviderHandler {
  constructor(private readonly outbound: OutboundClient) {}

  connect(config: ProviderConfig): ModelClient {
    const settings = adapterSettings(this.outbound, config, 'x-goog-api-key');
    const adapter = createGoogle(settings);
    const client = new AiSdkClient(config, {
      chatModel: (name) => adapter.chat(name),
      embeddingModel: (name) => adapter.embeddingModel(name),
      listModels: (signal) => listModels(config.id, settings, { 'x-goog-api-key': settings.apiKey }, signal),
    });
    return withAudioModels(client, config, {
      transcriptionModel: (name) => adapter.transcriptionModel(name),
      speechModel: (name) => adapter.speechModel(name),
      formats: ['wav', 'pcm'],
    });
  }
}
