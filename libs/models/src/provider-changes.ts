import { type ErrorDetail, ValidationError } from '@guildhall/sdk';
import type { UpdateProviderDto } from './provider-update.dto.js';
import { KNOWN_VENDORS } from './registry/known-vendors.js';
import type { EndpointRow, ProviderRow } from './registry/provider.repository.js';

type Given = Readonly<Record<string, unknown>>;
type Endpoints = NonNullable<UpdateProviderDto['endpoints']>;

/** What a change needs besides the row and the body. */
export interface ChangeTools {
  baseUrl(given: string | undefined): string;
  seal(apiKey: string): string;
  sealEndpoints(endpoints: Endpoints): EndpointRow[];
  readonly trust: ProviderRow['trust'];
}

/** What a new provider may have wrong that only this installation knows: a kind that nobody brings, no address. */
export function newProviderFaults(kinds: readonly string[], { kind, baseUrl }: Given): ErrorDetail[] {
  if (typeof kind !== 'string') return [];
  const known = kinds.filter((one) => one !== 'builtin');
  if (!known.includes(kind)) return [fault('kind', `kind must be one of: ${known.join(', ')}`)];
  return baseUrl === undefined && vendorBaseUrl(kind) === undefined ? [fault('baseUrl', needsBaseUrl(kind))] : [];
}

/** The address to store. Throws where one is needed. */
export function checkedBaseUrl(kind: string, baseUrl: string | undefined): string {
  const address = baseUrl ?? vendorBaseUrl(kind);
  if (address === undefined) throw invalid('baseUrl', needsBaseUrl(kind));
  return address;
}

function vendorBaseUrl(kind: string): string | undefined {
  return KNOWN_VENDORS.find((one) => one.kind === kind && kind !== 'openai-compatible')?.baseUrl;
}

const needsBaseUrl = (kind: string) => `A provider of kind '${kind}' needs a baseUrl`;

/** A stored key goes only where it was stored for: else whoever may change an address could read the key there. */
export function checkedKeyMoves(row: ProviderRow, { baseUrl, apiKey, endpoints }: UpdateProviderDto): void {
  const keepsKey = row.sealed_api_key !== null && apiKey === undefined;
  if (baseUrl !== undefined && baseUrl !== row.base_url) {
    if (keepsKey) throw invalid('apiKey', 'Send apiKey again with another baseUrl, or null to go without');
    const keepsOthers = endpoints === undefined && row.endpoints.some(({ sealedApiKey }) => sealedApiKey !== undefined);
    if (keepsOthers) throw invalid('endpoints', 'Send endpoints again, with their keys, with another baseUrl');
  }
  (endpoints ?? []).forEach((endpoint, index) => {
    const isElsewhere = endpoint.baseUrl !== undefined && endpoint.baseUrl !== row.base_url;
    if (!keepsKey || !isElsewhere || endpoint.apiKey !== undefined) return;
    const message =
      "An endpoint with an address of its own needs a key of its own; or send the provider's apiKey again";
    throw invalid(`endpoints[${index}].apiKey`, message);
  });
}

/** The row with what the body says; what it leaves out stays. */
export function changedRow(row: ProviderRow, body: UpdateProviderDto, tools: ChangeTools): ProviderRow {
  const { baseUrl, apiKey, endpoints, priority, models, budgetMicroUsdPerDay, timeouts } = body;
  return {
    ...row,
    ...(baseUrl === undefined ? {} : { base_url: tools.baseUrl(baseUrl ?? undefined) }),
    ...(apiKey === undefined ? {} : { sealed_api_key: apiKey === null ? null : tools.seal(apiKey) }),
    ...(endpoints === undefined ? {} : { endpoints: tools.sealEndpoints(endpoints ?? []) }),
    trust: trustAfter(row, body, tools.trust),
    ...(priority === undefined ? {} : { priority }),
    ...(models === undefined ? {} : { models }),
    ...(budgetMicroUsdPerDay === undefined ? {} : { budget_micro_usd_per_day: budgetMicroUsdPerDay }),
    ...(timeouts === undefined ? {} : { timeouts: timeouts ?? {} }),
  };
}

/** Whoever changes an address answers for it; the operator only for a provider that has no older address left. */
function trustAfter(row: ProviderRow, { baseUrl, endpoints }: UpdateProviderDto, own: ProviderRow['trust']) {
  if (baseUrl === undefined && endpoints === undefined) return row.trust;
  if (own === 'tenant') return own;
  const replacesAll = baseUrl !== undefined && (endpoints !== undefined || row.endpoints.length === 0);
  return replacesAll ? own : row.trust;
}

function invalid(path: string, message: string): ValidationError {
  return new ValidationError(message, [fault(path, message)]);
}

function fault(path: string, message: string): ErrorDetail {
  return { path, code: 'invalid_value', message };
}
