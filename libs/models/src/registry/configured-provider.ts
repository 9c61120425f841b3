import type { ProviderConfig } from '@guildhall/sdk';
import type { Standing } from './standing.js';

/** A provider as it is configured, whether it can be used or not. */
export interface ConfiguredProvider {
  readonly config: ProviderConfig;
  /** Stored ones belong to a tenant, the others to the operator. */
  readonly source: 'builtin' | 'environment' | 'stored';
  /** Whether it ever answered. */
  readonly standing: Standing;
  /** Of stored ones: what tells this state of it from others. */
  readonly revision?: string;
  /** Why it cannot be used, and what to do; absent when it can. */
  readonly unavailable?: string;
}
