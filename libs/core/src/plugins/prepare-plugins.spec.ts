import type { Type } from '@nestjs/common';
import { z } from 'zod';
import { Plugin, type PluginDescriptor } from '@guildhall/sdk';
import { Environment } from '../config/environment.js';
import { settingsFrom } from '../config/load-settings.js';
import { preparePlugins } from './prepare-plugins.js';

class FirstMigration {}
class WorkerMigration {}

function plugin(id: string, more: Partial<PluginDescriptor> = {}): Type {
  class Fixture {}
  Plugin({ id, version: '1.0.0', compat: '^0.1.0', ...more })(Fixture);
  return Fixture;
}

const prepare = (plugins: readonly Type[], file: Record<string, string> = {}) =>
  preparePlugins({
    loaded: {
      settings: settingsFrom({ NODE_ENV: 'test' }),
      environment: new Environment({}, [{ name: '.env.test', values: file }]),
      warnings: [],
    },
    role: 'api',
    firstParty: [plugin('core', { migrations: [FirstMigration as never] })],
    plugins,
  });

describe('preparePlugins', () => {
  it('gives the plugins of this process in order, and the migrations of all', async () => {
    const { plugins, migrations } = await prepare([
      plugin('b', { requires: ['a'] }),
      plugin('nightly', { processes: ['worker'], migrations: [WorkerMigration as never] }),
      plugin('a', { processes: ['api', 'worker'] }),
    ]);
    expect(plugins.map(({ descriptor, essential }) => [descriptor.id, essential])).toEqual([
      ['core', true],
      ['a', false],
      ['b', false],
    ]);
    expect(migrations).toEqual([FirstMigration, WorkerMigration]);
  });

  it('names a setting that a plugin needs, and a file of its secret that cannot be read', async () => {
    const config = z.object({ apiKey: z.string(), units: z.enum(['metric']), note: z.string().optional() });
    const file = { WEATHER_UNITS: 'furlongs', WEATHER_NOTE_FILE: '/nor/this' };
    await expect(prepare([plugin('weather', { config })], file)).rejects.toMatchObject({
      category: 'configuration',
      details: [
        {
          path: 'WEATHER_API_KEY',
          code: 'missing_plugin_setting',
          message: "is not set, and plugin 'weather' needs it",
        },
        { path: 'WEATHER_UNITS', code: 'invalid_plugin_setting' },
        { path: 'WEATHER_NOTE_FILE', code: 'unreadable_file', message: expect.stringContaining("'/nor/this'") },
      ],
    });
  });

  it('names circles and gaps, all at once', async () => {
    const broken = prepare([
      plugin('a', { requires: ['b'] }),
      plugin('b', { requires: ['a'] }),
      plugin('c', { requires: ['gone'] }),
    ]);
    await expect(broken).rejects.toMatchObject({
      category: 'configuration',
      details: [
        { code: 'plugin_cycle', message: expect.stringContaining('a → b → a') },
        { code: 'plugin_missing', message: expect.stringContaining("'c' requires plugin 'gone'") },
      ],
    });
  });

  it('leaves the gap of a plugin that may degrade to the start, where it alone is skipped', async () => {
    const { plugins } = await prepare([plugin('c', { requires: ['gone'], onFailure: 'degrade' })]);
    expect(plugins).toHaveLength(2);
  });

  it('refuses names in the environment file that no plugin reads', async () => {
    await expect(prepare([], { WEATHER_UNITS: 'metric' })).rejects.toMatchObject({ category: 'configuration' });
  });
});
