import type { Type } from '@nestjs/common';
import type { MigrationInterface } from 'typeorm';
import { ConfigurationError, type ErrorDetail, type ProcessRole } from '@guildhall/sdk';
import type { LoadedSettings } from '../config/load-settings.js';
import { SETTING_NAMES } from '../config/load-settings.js';
import { refuseUnknownNames } from '../config/unknown-names.js';
import { loadPlugins } from './load-plugins.js';
import type { LoadedPlugin } from './loaded-plugin.js';
import { orderPlugins } from './order-plugins.js';

export interface PrepareOptions {
  readonly loaded: LoadedSettings;
  readonly role: ProcessRole;
  readonly firstParty: readonly Type[];
  /** More plugins as classes, beside those that `PLUGINS` names. */
  readonly plugins?: readonly Type[];
  /** Where `PLUGINS` are resolved first. Default: the working directory. */
  readonly directory?: string;
}

export interface PreparedPlugins {
  /** Those that take part in a process of this role, in dependency order. */
  readonly plugins: readonly LoadedPlugin[];
  /** Of all plugins, whichever process they take part in: there is one schema. */
  readonly migrations: readonly Type<MigrationInterface>[];
}

/** Loads, checks and orders the plugins of a process. Throws one error with every fault. */
export async function preparePlugins(options: PrepareOptions): Promise<PreparedPlugins> {
  const { loaded, role, firstParty, plugins = [], directory } = options;
  const all = await loadPlugins({
    builtin: [
      ...firstParty.map((module) => ({ module, essential: true })),
      ...plugins.map((module) => ({ module, essential: false })),
    ],
    names: loaded.settings.PLUGINS,
    read: (name) => loaded.environment.find(name)?.value,
    unreadable: loaded.environment.faults,
    ...(directory === undefined ? {} : { directory }),
  });
  refuseUnknownNames(loaded.environment, SETTING_NAMES);
  const present = all.filter(({ descriptor }) => descriptor.processes?.includes(role) ?? true);
  return { plugins: inOrder(present), migrations: all.flatMap(({ descriptor }) => descriptor.migrations ?? []) };
}

function inOrder(plugins: readonly LoadedPlugin[]): readonly LoadedPlugin[] {
  const items = plugins.map((plugin) => ({ ...plugin.descriptor, plugin }));
  const { order, cycles, gaps } = orderPlugins(items);
  const faults: ErrorDetail[] = cycles.map((cycle) => ({
    path: `PLUGINS[${cycle[0]}]`,
    code: 'plugin_cycle',
    message: `Plugins require each other in a circle: ${cycle.join(' → ')}`,
  }));
  for (const { plugin, missing } of gaps) {
    // One that may degrade is skipped with its reason instead; the others run.
    if (items.find(({ id }) => id === plugin)?.onFailure === 'degrade') continue;
    const message = `Plugin '${plugin}' requires plugin '${missing}', which is not loaded: add it to PLUGINS`;
    faults.push({ path: `PLUGINS[${plugin}]`, code: 'plugin_missing', message });
  }
  if (faults.length > 0) throw new ConfigurationError('Plugins cannot be ordered', faults);
  return order.map(({ plugin }) => plugin);
}
