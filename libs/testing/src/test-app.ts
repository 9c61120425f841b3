import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '@guildhall/core';
import { pluginOf } from '@guildhall/sdk';
import { type TestTenant, TEST_API_KEY, newTenant, testClient } from './test-client.js';
import { type TestDatabase, testDatabase } from './test-database.js';

export interface TestAppOptions {
  /** Over the defaults of a test: random port, silent log, runs worked on in-process. */
  readonly settings?: Partial<Settings>;
  /** Plugins as classes, beside Guildhall's own. */
  readonly plugins?: readonly Type[];
  /** Settings of plugins, by their environment names: `{ WEATHER_UNITS: 'metric' }`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where names in `settings.PLUGINS` are resolved. */
  readonly directory?: string;
  /** Instead of a fresh one; not closed with the application. */
  readonly database?: TestDatabase;
}

/** Its `apiKey` is the system administrator's, in tenant `default`. */
export interface TestApp extends TestTenant {
  readonly app: NestFastifyApplication;
}

/** The whole application in this process, over real HTTP on a random port, with a database of its own. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  // Loading the application takes seconds, and many tests that could start one talk to a shared server.
  const [{ Environment, settingsFrom }, { startApi }, { FIRST_PARTY }] = await Promise.all([
    import('@guildhall/core'),
    import('../../../apps/api/src/start-api.js'),
    import('../../../apps/shared/src/first-party.js'),
  ]);
  const plugins = options.plugins ?? [];
  const migrations = [...FIRST_PARTY, ...plugins].flatMap((plugin) => pluginOf(plugin)?.migrations ?? []);
  const database = options.database ?? (await testDatabase({ migrations }));
  const settings = settingsFrom({
    NODE_ENV: 'test',
    PORT: 0,
    LOG_LEVEL: 'silent',
    BOOTSTRAP_API_KEY: TEST_API_KEY,
    RUN_WORKERS: true,
    SHUTDOWN_GRACE_MS: 5000,
    // All tests come from one address.
    RATE_LIMIT_ANONYMOUS: 'none',
    ...database.settings,
    ...options.settings,
  });
  const environment = new Environment(options.environment ?? {}, []);
  const directory = options.directory === undefined ? {} : { directory: options.directory };
  const running = await startApi({ loaded: { settings, environment, warnings: [] }, plugins, ...directory });
  const close = async () => {
    await running.stop();
    if (options.database === undefined) await database.close();
  };
  const client = testClient(running.url, TEST_API_KEY);
  return { app: running.app, ...client, otherTenant: (name) => newTenant(client, name), close };
}
