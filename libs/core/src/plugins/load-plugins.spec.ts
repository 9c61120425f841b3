import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigurationError, Plugin } from '@guildhall/sdk';
import { z } from 'zod';
import { type LoadPluginsOptions, loadPlugins } from './load-plugins.js';
import { packageEntry } from './package-entry.js';
import { settingName } from './plugin-config.js';

@Plugin({ id: 'core', version: '0.1.0', compat: '^0.1.0' })
class Core {}

@Plugin({
  id: 'weather',
  version: '2.0.0',
  compat: '^0.1.0',
  config: z.object({ units: z.enum(['metric', 'imperial']).default('metric'), apiKey: z.string().optional() }),
})
class Weather {}

const builtin = (...modules: (typeof Core)[]) => modules.map((module) => ({ module, essential: false }));
const load = (options: Partial<LoadPluginsOptions>) =>
  loadPlugins({ builtin: [], names: [], read: () => undefined, ...options });

async function faultsOf(options: Partial<LoadPluginsOptions>) {
  const error: unknown = await load(options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigurationError);
  return (error as ConfigurationError).details ?? [];
}

describe('loadPlugins', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'guildhall-load-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  /** A package in `directory`, as npm would have put it there. */
  async function install(name: string, source: string, manifest: object = { main: 'index.js' }): Promise<string> {
    return put(join(directory, 'node_modules', name), name, source, manifest);
  }

  async function put(folder: string, name: string, source: string, manifest: object): Promise<string> {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name, type: 'module', ...manifest }));
    await writeFile(join(folder, 'index.js'), source);
    return folder;
  }

  const plugin = (id: string, more = '') => `
    export class ${id}Plugin {}
    Reflect.defineMetadata(
      'guildhall:plugin',
      { id: '${id}', version: '1.0.0', compat: '^0.1.0' ${more} },
      ${id}Plugin,
    );`;

  it('imports packages and folders, and knows a plugin by its mark, not by the copy of the SDK', async () => {
    await install('plugin-mail', plugin('mail'), { exports: { '.': { import: './index.js' } } });
    const folder = await install('elsewhere', plugin('fax'));
    const loaded = await load({ builtin: builtin(Core), names: ['plugin-mail', folder], directory });
    expect(loaded.map(({ descriptor }) => descriptor.id)).toEqual(['core', 'mail', 'fax']);
    expect(loaded.map(({ module }) => module.name)).toEqual(['Core', 'mailPlugin', 'faxPlugin']);
  });

  it('reads the settings of a plugin from names that begin with its id', async () => {
    const values: Record<string, string> = { WEATHER_UNITS: 'imperial', WEATHER_API_KEY: 'k' };
    const [weather] = await load({ builtin: builtin(Weather), read: (name) => values[name] });
    expect(weather!.config).toEqual({ units: 'imperial', apiKey: 'k' });
    expect(settingName('example-weather', 'baseURLOfApi')).toBe('EXAMPLE_WEATHER_BASE_URLOF_API');
  });

  it('lists all faults of all plugins at once, each with its remedy', async () => {
    await install('plugin-broken', 'throw new Error("no such table");');
    await install('plugin-none', 'export const nothing = 1;');
    await install('plugin-two', `${plugin('one')}\n${plugin('two')}`);
    await install('plugin-old', plugin('old', ", compat: '^9.0.0'"));
    await install('plugin-odd', plugin('odd', ", id: 'Odd Name', version: 'one', compat: 'any day'"));
    await install('plugin-copy', plugin('core'));
    const faults = await faultsOf({
      builtin: builtin(Core, Weather),
      names: ['absent', 'plugin-broken', 'plugin-none', 'plugin-two', 'plugin-old', 'plugin-odd', 'plugin-copy'],
      read: (name) => (name === 'WEATHER_UNITS' ? 'furlongs' : undefined),
      directory,
    });
    expect(faults.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'PLUGINS[absent] plugin_not_found',
      'PLUGINS[plugin-broken] plugin_import_failed',
      'PLUGINS[plugin-none] not_a_plugin',
      'PLUGINS[plugin-two] several_plugins',
      'WEATHER_UNITS invalid_plugin_setting',
      'PLUGINS[plugin-old] incompatible_plugin',
      'PLUGINS[plugin-odd] invalid_id',
      'PLUGINS[plugin-odd] invalid_version',
      'PLUGINS[plugin-odd] invalid_compat',
      'PLUGINS[plugin-copy] duplicate_plugin',
    ]);
    const messages = faults.map(({ message }) => message).join('\n');
    expect(messages).toContain('no such table');
    expect(messages).toContain("claimed by both 'Core' and 'plugin-copy'");
    expect(messages).toContain('onePlugin, twoPlugin');
    expect(messages).not.toContain('furlongs');
  });

  it('refuses a class that is no plugin', async () => {
    expect(await faultsOf({ builtin: builtin(class Plain {}) })).toMatchObject([{ code: 'not_a_plugin' }]);
  });

  it.each([
    ['a string', './index.js'],
    ['conditions', { types: './index.d.ts', default: './index.js' }],
    ['nested conditions', { '.': { node: { require: './old.cjs', import: './index.js' } } }],
    ['a list', ['./index.js', './other.js']],
  ])('finds the entry of a package whose exports are %s', async (name, exports) => {
    const folder = await install(`entry-${name.replaceAll(' ', '-')}`, '', { exports });
    expect(packageEntry(folder, directory)).toBe(pathToFileURL(join(folder, 'index.js')).href);
  });

  it('takes a name for a folder of the working directory where no package has it', async () => {
    const folder = await put(join(directory, 'plugins', 'pager'), 'pager', '', { main: 'index.js' });
    const entry = pathToFileURL(join(folder, 'index.js')).href;
    expect(packageEntry('plugins/pager', directory)).toBe(entry);
    expect(packageEntry('./plugins/pager', directory)).toBe(entry);
    await put(join(directory, 'both'), 'both', '', { main: 'index.js' });
    const installed = await install('both', '');
    expect(packageEntry('both', directory)).toBe(pathToFileURL(join(installed, 'index.js')).href);
  });

  it('finds no entry where a package exports none for us, and none for what is no name', async () => {
    const folder = await install('entry-none', '', { exports: { browser: './index.js' } });
    expect(packageEntry(folder, directory)).toBeUndefined();
    expect(packageEntry('no such name!', directory)).toBeUndefined();
  });
});
