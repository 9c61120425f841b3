import { Injectable } from '@nestjs/common';
import { type SecretPlace, Vault } from '@guildhall/core';
import type { ProviderEndpoint, RequestContext } from '@guildhall/sdk';
import type { EndpointRow, ProviderRow } from './provider.repository.js';

/** A key opens only for the provider and the place in it that it was sealed for. */
const placeOf = (providerId: string, field: string): SecretPlace => ({
  purpose: 'provider',
  recordId: providerId,
  field,
});
const endpointField = (index: number): string => `endpoints[${index}].apiKey`;

type Tenant = Pick<RequestContext, 'tenantId'>;

/** Seals and opens the keys of stored providers. */
@Injectable()
export class ProviderKeys {
  constructor(private readonly vault: Vault) {}

  seal(ctx: Tenant, providerId: string, apiKey: string): string {
    return this.vault.seal(ctx, placeOf(providerId, 'apiKey'), apiKey);
  }

  sealEndpoints(ctx: Tenant, providerId: string, endpoints: readonly ProviderEndpoint[]): EndpointRow[] {
    return endpoints.map(({ baseUrl, apiKey }, index) => ({
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(apiKey === undefined
        ? {}
        : { sealedApiKey: this.vault.seal(ctx, placeOf(providerId, endpointField(index)), apiKey) }),
    }));
  }

  /** Throws `secret_unreadable`. */
  open(ctx: Tenant, row: ProviderRow): { readonly apiKey?: string; readonly endpoints?: readonly ProviderEndpoint[] } {
    const { id, sealed_api_key: sealed } = row;
    const endpoints = row.endpoints.map(({ baseUrl, sealedApiKey }, index) => ({
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(sealedApiKey === undefined
        ? {}
        : { apiKey: this.vault.open(ctx, placeOf(id, endpointField(index)), sealedApiKey) }),
    }));
    return {
      ...(sealed === null ? {} : { apiKey: this.vault.open(ctx, placeOf(id, 'apiKey'), sealed) }),
      ...(endpoints.length === 0 ? {} : { endpoints }),
    };
  }
}
