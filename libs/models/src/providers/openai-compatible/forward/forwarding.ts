import type { OutboundClient } from '@guildhall/core';
import type { ModelClient, ProviderConfig } from '@guildhall/sdk';
import type { AdapterSettings } from '../../ai-sdk/vendor.js';
import { Forwarder } from './forwarder.js';
import { postByDispatcher, postByFetch } from './post.js';

/** The same client, which also passes chat completions on as they are. */
export function forwarding<Client extends ModelClient>(
  client: Client,
  config: ProviderConfig,
  { baseURL, fetch }: AdapterSettings,
  outbound: OutboundClient,
): Client & Required<Pick<ModelClient, 'forward'>> {
  const url = `${baseURL}/chat/completions`;
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'guildhall',
    ...(config.apiKey === undefined ? {} : { authorization: `Bearer ${config.apiKey}` }),
  };
  // The shared dispatcher is for the operator's addresses, and waits for a connection as long as it likes.
  const direct = config.trust === 'operator' && config.timeouts?.connectMs === undefined;
  const post = direct ? postByDispatcher(outbound.dispatcher, url, headers) : postByFetch(fetch, url, headers);
  const forwarder = new Forwarder(config, post);
  const forward: NonNullable<ModelClient['forward']> = forwarder.forward.bind(forwarder);
  return Object.assign(client, { forward });
}
