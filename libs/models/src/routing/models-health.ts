import type { ComponentHealth } from '@guildhall/core';
import type { ProviderConnection } from './provider-connection.js';

/** How the operator's providers are. Those of tenants are theirs to look after: their state is no fault of this service. */
export function modelsHealth(connections: Iterable<ProviderConnection>): ComponentHealth {
  const failing = [...connections]
    .filter(({ config, state }) => config.trust === 'operator' && state !== 'closed')
    .map(({ config, state }) => `${config.id} ${state}`)
    .toSorted();
  if (failing.length === 0) return { status: 'healthy' };
  return { status: 'degraded', detail: failing.join(', ') };
}
