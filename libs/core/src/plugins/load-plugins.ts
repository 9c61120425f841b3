import type { Type } from '@nestjs/common';
import { satisfies, valid, validRange } from 'semver';
import { ConfigurationError, type ErrorDetail, type PluginDescriptor, SDK_VERSION, pluginOf } from '@guildhall/sdk';
import type { LoadedPlugin } from './loaded-plugin.js';
import { packageEntry } from './package-entry.js';
import { type ReadSetting, readPluginConfig } from './plugin-config.js';

export interface LoadPluginsOptions {
  /** Plugins that are part of Guildhall, or handed in as classes. */
  readonly builtin: readonly { readonly module: Type; readonly essential: boolean }[];
  /** Package names or folders: the setting `PLUGINS`. */
  readonly names: readonly string[];
  readonly read: ReadSetting;
  /** Where `read` tells of what it could not read, a secret's file for one. */
  readonly unreadable?: readonly ErrorDetail[];
  /** Where names are resolved first. Default: the working directory. */
  readonly directory?: string;
}

/** Imports and checks every plugin. Throws one `ConfigurationError` that lists all faults of all of them. */
export async function loadPlugins(options: LoadPluginsOptions): Promise<LoadedPlugin[]> {
  const faults: ErrorDetail[] = [];
  const found = options.builtin.map(({ module, essential }) => ({ source: module.name, module, essential }));
  for (const name of options.names) {
    const result = await importPlugin(name, options.directory ?? process.cwd());
    if ('fault' in result) faults.push(fault(name, result.code, result.fault));
    else found.push({ source: name, module: result.module, essential: false });
  }

  const plugins: LoadedPlugin[] = [];
  const sources = new Map<string, string>();
  for (const { source, module, essential } of found) {
    const descriptor = pluginOf(module);
    if (descriptor === undefined) {
      faults.push(fault(source, 'not_a_plugin', `'${source}' is not decorated with @Plugin`));
      continue;
    }
    const config = readPluginConfig(descriptor, options.read);
    faults.push(...describeFaults(descriptor, source, sources.get(descriptor.id)), ...(config.ok ? [] : config.faults));
    sources.set(descriptor.id, source);
    plugins.push({ descriptor, module, essential, config: config.ok ? config.config : {} });
  }
  faults.push(...(options.unreadable ?? []));
  if (faults.length > 0) throw new ConfigurationError('Plugins cannot be loaded', faults);
  return plugins;
}

type Imported = { readonly module: Type } | { readonly fault: string; readonly code: string };

async function importPlugin(name: string, directory: string): Promise<Imported> {
  const entry = packageEntry(name, directory);
  if (entry === undefined) {
    return {
      code: 'plugin_not_found',
      fault: `No package or folder '${name}' seen from ${directory}: install it there`,
    };
  }
  try {
    const exported = (await import(entry)) as Record<string, unknown>;
    const classes = [...new Set(Object.values(exported))].filter(
      (value): value is Type => typeof value === 'function' && pluginOf(value) !== undefined,
    );
    if (classes.length === 1) return { module: classes[0]! };
    const names = classes.map((plugin) => plugin.name).join(', ');
    return classes.length === 0
      ? { code: 'not_a_plugin', fault: `'${name}' exports no class decorated with @Plugin` }
      : { code: 'several_plugins', fault: `'${name}' exports several plugins (${names}): export one` };
  } catch (error) {
    return { code: 'plugin_import_failed', fault: `'${name}' cannot be imported: ${messageOf(error)}` };
  }
}

function describeFaults(descriptor: PluginDescriptor, source: string, taken: string | undefined): ErrorDetail[] {
  const { id, version, compat } = descriptor;
  const faults: ErrorDetail[] = [];
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) {
    faults.push(fault(source, 'invalid_id', `Plugin id '${id}' must be lower-case words joined by hyphens`));
  }
  if (valid(version) === null) {
    faults.push(fault(source, 'invalid_version', `Plugin '${id}': version '${version}' is not semver, e.g. 1.0.0`));
  }
  if (validRange(compat) === null) {
    faults.push(
      fault(source, 'invalid_compat', `Plugin '${id}': compat '${compat}' is not a semver range, e.g. ^0.1.0`),
    );
  } else if (!satisfies(SDK_VERSION, compat, { includePrerelease: true })) {
    const message = `Plugin '${id}' ${version} is written for SDK ${compat}; this is ${SDK_VERSION}: install a version that fits`;
    faults.push(fault(source, 'incompatible_plugin', message));
  }
  if (taken !== undefined) {
    faults.push(fault(source, 'duplicate_plugin', `Plugin id '${id}' is claimed by both '${taken}' and '${source}'`));
  }
  return faults;
}

function fault(source: string, code: string, message: string): ErrorDetail {
  return { path: `PLUGINS[${source}]`, code, message };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
