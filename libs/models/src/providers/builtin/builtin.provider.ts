import { type ModelClient, ModelProvider, type ModelProviderHandler } from '@guildhall/sdk';
import { ExtractiveClient } from './extractive.client.js';

/** The embedded default: works without a key and without a network. */
@ModelProvider({ kind: 'builtin', description: 'Answers by rule with verbatim sentences of the documents; no network' })
export class BuiltinProvider implements ModelProviderHandler {
  connect(): ModelClient {
    return new ExtractiveClient();
  }
}
