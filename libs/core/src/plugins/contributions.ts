import type { ContributionMetadata } from '@guildhall/sdk';

/** A discovered contribution: the instance, what it says of itself, and the plugin that owns it. */
export interface Contribution<Handler = unknown, Options = unknown> extends ContributionMetadata<string, Options> {
  readonly pluginId: string;
  readonly instance: Handler;
}

/**
 * All contributions of active plugins. Ask at use, not in a constructor: contributions are discovered when all modules
 * are made, and come and go as plugins are enabled, disabled or degraded.
 */
export interface Contributions {
  list<Handler, Options>(kind: string): readonly Contribution<Handler, Options>[];
  /** Throws `plugin_unavailable` where the plugin that contributes it is disabled or failed. */
  find<Handler, Options>(kind: string, name: string): Contribution<Handler, Options> | undefined;
}

export const CONTRIBUTIONS = Symbol.for('guildhall.contributions');
