import type { Contribution } from '@guildhall/core';
import type { ModelProviderHandler, ProviderEndpoint } from '@guildhall/sdk';
import type { ModelDto, ProviderDto, ProviderEndpointViewDto } from './provider-view.dto.js';
import type { ConfiguredProvider } from './registry/configured-provider.js';

type Handler = Contribution<ModelProviderHandler, { readonly description: string }> | undefined;

export function toProviderDto(
  provider: ConfiguredProvider,
  handler: Handler,
  unavailable: string | undefined,
): ProviderDto {
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
    status: unavailable === undefined ? 'available' : 'unavailable',
    ...(unavailable === undefined ? {} : { reason: unavailable }),
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

export function toModelDtos(provider: ProviderDto): ModelDto[] {
  return provider.models.map((model) => ({
    ...model,
    id: `${provider.id}/${model.name}`,
    kind: 'chat',
    description: `${model.name} of ${provider.id}`,
    plugin: provider.plugin,
    status: provider.status,
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
