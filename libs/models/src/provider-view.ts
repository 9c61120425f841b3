import type { ModelProviderHandler, ProviderEndpoint } from '@guildhall/sdk';
import type { BreakerState, Contribution } from '@guildhall/core';
import type { ModelDto, ProviderDto, ProviderEndpointViewDto } from './provider-view.dto.js';
import type { ConfiguredProvider } from './registry/configured-provider.js';

type Handler = Contribution<ModelProviderHandler, { readonly description: string }> | undefined;

/** What this process knows of a provider beyond its configuration. */
export interface ProviderState {
  /** Why it cannot be used; undefined when it can. */
  readonly unavailable: string | undefined;
  /** Undefined: it was not used yet. */
  readonly breaker: BreakerState | undefined;
}

export function toProviderDto(provider: ConfiguredProvider, handler: Handler, state: ProviderState): ProviderDto {
  const {
    id,
    kind,
    baseUrl,
    apiKey,
    endpoints,
    priority = 1,
    models,
    budgetMicroUsdPerDay,
    timeouts,
  } = provider.config;
  return {
    id,
    kind,
    name: id,
    description: handler?.options.description ?? `A provider of kind '${kind}'`,
    plugin: provider.source === 'stored' ? null : (handler?.pluginId ?? null),
    ...statusOf(provider, state),
    source: provider.source,
    ...(baseUrl === undefined ? {} : { baseUrl: withoutCredentials(baseUrl) }),
    hasApiKey: apiKey !== undefined || (endpoints ?? []).some((endpoint) => endpoint.apiKey !== undefined),
    ...(endpoints === undefined ? {} : { endpoints: endpoints.map((endpoint) => toEndpointDto(provider, endpoint)) }),
    priority,
    models: models.map((model) => ({ ...model })),
    ...(budgetMicroUsdPerDay === undefined ? {} : { budgetMicroUsdPerDay }),
    ...(timeouts && Object.keys(timeouts).length > 0 ? { timeouts } : {}),
  };
}

function statusOf(
  { config, standing }: ConfiguredProvider,
  { unavailable, breaker }: ProviderState,
): Pick<ProviderDto, 'status' | 'reason'> {
  if (unavailable !== undefined) return { status: 'unavailable', reason: unavailable };
  const { verdict } = standing;
  switch (verdict.kind) {
    case 'failed':
      return { status: 'unhealthy', reason: verdict.reason };
    case 'undecided':
      return { status: 'unverified', reason: verdict.reason };
    case 'unasked':
      return { status: 'unverified', reason: `Provider '${config.id}' was not called yet` };
    case 'proven':
      if (breaker === undefined || breaker === 'closed') return { status: 'healthy' };
      return { status: 'unhealthy', reason: `Provider '${config.id}' failed repeatedly and is not called for now` };
  }
}

export function toModelDtos(provider: ProviderDto): ModelDto[] {
  return provider.models.map((model) => ({
    ...model,
    id: `${provider.id}/${model.name}`,
    kind: 'chat',
    description: `${model.name} of ${provider.id}`,
    plugin: provider.plugin,
    status: provider.status === 'unavailable' ? 'unavailable' : 'available',
    provider: provider.id,
  }));
}

function toEndpointDto({ config }: ConfiguredProvider, endpoint: ProviderEndpoint): ProviderEndpointViewDto {
  const { baseUrl = '', apiKey } = { ...config, ...endpoint };
  return { baseUrl: withoutCredentials(baseUrl), hasApiKey: apiKey !== undefined };
}

/** The environment may hold what a stored provider may not. */
function withoutCredentials(baseUrl: string): string {
  const url = URL.parse(baseUrl);
  return url ? `${url.protocol}//${url.host}${url.pathname}` : '';
}
