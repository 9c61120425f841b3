import type { Settings } from '@guildhall/core';
import { BUILTIN_PROVIDER, type ProviderEndpoint } from '@guildhall/sdk';
import type { ConfiguredProvider } from './configured-provider.js';
import { KNOWN_VENDORS, type KnownVendor } from './known-vendors.js';
import { PROVEN, Standing } from './standing.js';

/** The providers that need no row: the built-in one, and the known vendors with what the environment says of them. */
export function environmentProviders(settings: Settings): ConfiguredProvider[] {
  const builtin: ConfiguredProvider = {
    config: { id: BUILTIN_PROVIDER, kind: BUILTIN_PROVIDER, models: [{ name: 'extractive' }], priority: 100 },
    source: 'builtin',
    standing: new Standing(PROVEN),
  };
  return [builtin, ...KNOWN_VENDORS.map((vendor) => fromEnvironment(vendor, settings))];
}

function fromEnvironment(vendor: KnownVendor, settings: Settings): ConfiguredProvider {
  const apiKey = settings[vendor.keySetting] as string | undefined;
  const ownUrl = settings[vendor.urlSetting] as string | undefined;
  const baseUrl = ownUrl ?? vendor.baseUrl;
  // Where the operator names the endpoint (a local server, a gateway that holds the key) it may need no key.
  const needed = vendor.baseUrl === undefined ? vendor.urlSetting : vendor.keySetting;
  const keys = keysOf(vendor, settings);
  const usable = ownUrl !== undefined || (keys.length > 0 && baseUrl !== undefined);
  return {
    source: 'environment',
    standing: new Standing(),
    config: {
      id: vendor.id,
      kind: vendor.kind,
      trust: 'operator',
      priority: vendor.priority,
      models: vendor.models,
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(keys.length > 1 || apiKey === undefined ? endpointsOf(keys) : {}),
    },
    ...(usable ? {} : { unavailable: `Set ${needed}, or store a provider with POST /api/v1/providers` }),
  };
}

/** The one key and the list of keys, each once. */
function keysOf({ keySetting, keysSetting }: KnownVendor, settings: Settings): string[] {
  const one = settings[keySetting] as string | undefined;
  const many = keysSetting === undefined ? [] : ((settings[keysSetting] ?? []) as readonly string[]);
  return [...new Set([...(one === undefined ? [] : [one]), ...many])];
}

function endpointsOf(keys: readonly string[]): { readonly endpoints?: readonly ProviderEndpoint[] } {
  return keys.length === 0 ? {} : { endpoints: keys.map((apiKey) => ({ apiKey })) };
}
