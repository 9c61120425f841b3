import type { Type } from '@nestjs/common';
import type { PluginDescriptor } from '@guildhall/sdk';

/** A plugin that passed every check of loading: its class, what it says of itself, and its settings. */
export interface LoadedPlugin {
  readonly descriptor: PluginDescriptor;
  readonly module: Type;
  readonly config: Readonly<Record<string, unknown>>;
  /** Part of Guildhall itself: cannot be disabled. */
  readonly essential: boolean;
}
