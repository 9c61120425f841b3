import { Module, type ModuleMetadata, type Type } from '@nestjs/common';
import type { MigrationInterface } from 'typeorm';
import type { z } from 'zod';
import type { EventBus } from './events.js';
import type { Logger } from './request-context.js';

/** Reflect key of a plugin's metadata; a string, so that copies of the SDK agree. */
export const PLUGIN = 'guildhall:plugin';

/** The SDK contract's version that `compat` is checked against (semver range). */
export const SDK_VERSION = '0.1.0';

export type ProcessRole = 'api' | 'worker' | 'cli';

export interface PluginOptions extends ModuleMetadata {
  /** Its own slug: lower case, digits and hyphens. */
  readonly id: string;
  readonly version: string;
  /** Semver range of the SDK it was written for, e.g. `^0.1.0`. */
  readonly compat: string;
  readonly description?: string;
  /** Plugins that must be active before this one. A missing one is a start-up fault. */
  readonly requires?: readonly string[];
  /** Plugins that start before this one where they are present. */
  readonly optional?: readonly string[];
  /** Processes it takes part in. Default: all. */
  readonly processes?: readonly ProcessRole[];
  /** Its settings: key `units` of plugin `weather` is read from `WEATHER_UNITS` (or `WEATHER_UNITS_FILE`). */
  readonly config?: z.ZodObject;
  readonly migrations?: readonly Type<MigrationInterface>[];
  /** `abort` (default): a failing hook stops the boot. `degrade`: only this plugin and what requires it. */
  readonly onFailure?: 'abort' | 'degrade';
  /** Limit of each hook in ms. Default 10 000. */
  readonly hookTimeoutMs?: number;
}

export interface PluginContext<Config = Record<string, unknown>> {
  readonly pluginId: string;
  readonly config: Config;
  readonly logger: Logger;
  readonly events: EventBus;
}

export interface PluginHealth {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly detail?: string;
}

/**
 * Hooks of a plugin, all optional. Every `init` runs before any `start`, both in dependency order; `ready` when HTTP
 * listens; `stop` in reverse, with a signal that aborts when its time is up. `onStartup` and `onShutdown` are accepted
 * as other names of `start` and `stop`.
 */
export interface PluginHooks<Config = Record<string, unknown>> {
  init?(ctx: PluginContext<Config>): Promise<void> | void;
  start?(ctx: PluginContext<Config>): Promise<void> | void;
  ready?(): Promise<void> | void;
  stop?(signal: AbortSignal): Promise<void> | void;
  onStartup?(ctx: PluginContext<Config>): Promise<void> | void;
  onShutdown?(signal: AbortSignal): Promise<void> | void;
  health?(): Promise<PluginHealth> | PluginHealth;
}

export type PluginDescriptor = Omit<PluginOptions, keyof ModuleMetadata>;

/** Turns a class into a plugin: a Nest module whose contributions are discovered and attributed to it. */
export function Plugin(options: PluginOptions): ClassDecorator {
  const { imports, providers, controllers, exports, ...descriptor } = options;
  return (target) => {
    Module({ imports, providers: [...(providers ?? [])], controllers, exports })(target);
    Reflect.defineMetadata(PLUGIN, descriptor satisfies PluginDescriptor, target);
  };
}

export function pluginOf(target: object): PluginDescriptor | undefined {
  return Reflect.getMetadata(PLUGIN, target) as PluginDescriptor | undefined;
}
