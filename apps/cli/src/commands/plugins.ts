import { type LoadedPlugin, describeFaults, loadSettings, preparePlugins } from '@guildhall/core';
import { AppError, type ConfigurationError } from '@guildhall/sdk';
import { FIRST_PARTY } from '../../../shared/src/first-party.js';
import type { Command } from '../command.js';
import { readOptions } from '../options.js';

async function load(): Promise<readonly LoadedPlugin[]> {
  const prepared = await preparePlugins({ loaded: loadSettings(), role: 'api', firstParty: FIRST_PARTY });
  return prepared.plugins;
}

const describe = ({ descriptor, essential }: LoadedPlugin) => ({
  id: descriptor.id,
  version: descriptor.version,
  compat: descriptor.compat,
  origin: essential ? 'guildhall' : 'PLUGINS',
  requires: descriptor.requires ?? [],
  description: descriptor.description ?? '',
});

export const pluginsListCommand: Command = {
  name: 'plugins list',
  summary: 'List the plugins in the order in which they start',
  usage: 'guildhall plugins list [--json]',
  async run(args) {
    const { json = false } = readOptions(args, { json: { type: 'boolean' } });
    const plugins = (await load()).map(describe);
    if (json) {
      console.log(JSON.stringify(plugins, null, 2));
      return 0;
    }
    for (const { id, version, origin, description } of plugins) {
      console.log(`${id.padEnd(20)} ${version.padEnd(10)} ${origin.padEnd(10)} ${description}`);
    }
    return 0;
  },
};

export const pluginsDoctorCommand: Command = {
  name: 'plugins doctor',
  summary: 'Check every plugin without starting anything; exits with 1 when one has a fault',
  usage: 'guildhall plugins doctor',
  async run(args) {
    readOptions(args, {});
    try {
      const plugins = await load();
      console.log(
        `${plugins.length} plugins can be loaded: ${plugins.map(({ descriptor }) => descriptor.id).join(', ')}`,
      );
      return 0;
    } catch (error) {
      if (!AppError.is(error) || error.category !== 'configuration') throw error;
      console.error(describeFaults(error as ConfigurationError));
      return 1;
    }
  },
};
