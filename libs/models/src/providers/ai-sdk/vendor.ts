import type { EmbeddingModelV4, LanguageModelV4 } from '@ai-sdk/provider';
import type { OutboundClient } from '@guildhall/core';
import { ConfigurationError, type ModelClient, type ProviderConfig } from '@guildhall/sdk';
import { boundedFetch } from './bounded-fetch.js';

type Fetch = typeof globalThis.fetch;

/** What one vendor's adapter of the AI SDK offers. */
export interface Vendor {
  chatModel(name: string): LanguageModelV4;
  embeddingModel?(name: string): EmbeddingModelV4;
  readonly listModels?: ModelClient['listModels'];
}

export interface AdapterSettings {
  readonly baseURL: string;
  readonly apiKey: string;
  readonly fetch: Fetch;
}

/** What every adapter is made with. `keyHeader` is where it puts the API key. */
export function adapterSettings(outbound: OutboundClient, config: ProviderConfig, keyHeader: string): AdapterSettings {
  const { id, baseUrl, apiKey } = config;
  if (baseUrl === undefined) throw new ConfigurationError(`Provider '${id}' has no base URL`);
  const fetch = boundedFetch(outbound, config);
  return {
    baseURL: baseUrl.replace(/\/+$/, ''),
    // Always given, if empty: adapters would else take the operator's key from the environment, and send it to a
    // tenant's address.
    apiKey: apiKey ?? '',
    fetch: apiKey === undefined ? withoutHeader(fetch, keyHeader) : fetch,
  };
}

/** The header of most vendors; without a key it is taken away again. */
export const bearer = ({ apiKey }: AdapterSettings) => ({ authorization: `Bearer ${apiKey}` });

/** For endpoints that need no key: an empty one is refused by some. */
function withoutHeader(fetch: Fetch, name: string): Fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.delete(name);
    return fetch(input, { ...init, headers });
  };
}
