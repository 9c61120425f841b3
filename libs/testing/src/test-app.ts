import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Environment, type Settings, settingsFrom } from '@guildhall/core';
import { pluginOf } from '@guildhall/sdk';
import { startApi } from '../../../apps/api/src/start-api.js';
import { FIRST_PARTY } from '../../../apps/shared/src/first-party.js';
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

export interface TestRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the administrator's; `null` sends none. */
  readonly key?: string | null;
}

export interface TestResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body: an envelope, a problem, or whatever the route answers. Undefined when it is not JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
  readonly body: any;
}

type Send = (path: string, request?: TestRequest) => Promise<TestResponse>;
type SendBody = (path: string, body?: unknown, request?: TestRequest) => Promise<TestResponse>;

export interface TestApp {
  readonly url: string;
  readonly app: NestFastifyApplication;
  /** The system administrator's, in tenant `default`. */
  readonly apiKey: string;
  readonly get: Send;
  readonly delete: Send;
  readonly post: SendBody;
  readonly patch: SendBody;
  readonly put: SendBody;
  close(): Promise<void>;
}

const API_KEY = 'gh_test_bootstrap_0123456789abcdef0123456789';

/** The whole application in this process, over real HTTP on a random port, with a database of its own. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const plugins = options.plugins ?? [];
  const migrations = [...FIRST_PARTY, ...plugins].flatMap((plugin) => pluginOf(plugin)?.migrations ?? []);
  const database = options.database ?? (await testDatabase({ migrations }));
  const settings = settingsFrom({
    NODE_ENV: 'test',
    PORT: 0,
    LOG_LEVEL: 'silent',
    BOOTSTRAP_API_KEY: API_KEY,
    RUN_WORKERS: true,
    SHUTDOWN_GRACE_MS: 5000,
    ...database.settings,
    ...options.settings,
  });
  const environment = new Environment(options.environment ?? {}, '.env.test', {});
  const directory = options.directory === undefined ? {} : { directory: options.directory };
  const running = await startApi({ loaded: { settings, environment, warnings: [] }, plugins, ...directory });
  const close = async () => {
    await running.stop();
    if (options.database === undefined) await database.close();
  };
  return { url: running.url, app: running.app, apiKey: API_KEY, ...client(running.url, API_KEY), close };
}

function client(url: string, apiKey: string): Pick<TestApp, 'get' | 'post' | 'patch' | 'put' | 'delete'> {
  const send = async (method: string, path: string, { body, headers, key = apiKey }: TestRequest = {}) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  };
  const withBody =
    (method: string): SendBody =>
    (path, body, request) =>
      send(method, path, { body, ...request });
  return {
    get: (path, request) => send('GET', path, request),
    delete: (path, request) => send('DELETE', path, request),
    post: withBody('POST'),
    patch: withBody('PATCH'),
    put: withBody('PUT'),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
