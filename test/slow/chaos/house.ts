import { type ServerProcess, type TestDatabase, startServerProcess, testDatabase } from '@guildhall/testing';

export const ADMIN_KEY = 'gh_dev_local';
const LIMIT_MS = 60_000;

/** A server process, as one tenant sees it. */
export interface House {
  readonly url: string;
  readonly key: string;
  /** Answers with the parsed body; throws when the server does not answer with success. */
  call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly id: string; readonly apiKey?: { key: string } }>;
}

export interface ChaosHouse {
  readonly server: ServerProcess;
  readonly house: House;
  close(): Promise<void>;
}

/** The built server on a database of its own, with so little memory that it cannot hide a leak. */
export async function startHouse(env: Readonly<Record<string, string>>): Promise<ChaosHouse> {
  const database = await databaseFor();
  const server = await startServerProcess({
    env: { DATABASE_URL: database?.url ?? 'pglite:memory', BOOTSTRAP_API_KEY: ADMIN_KEY, RUN_WORKERS: 'true', ...env },
  });
  const close = async () => {
    await server.kill('SIGKILL');
    await database?.close();
  };
  return { server, house: houseOf(server.url, ADMIN_KEY), close };
}

/** On a real server where there is one, as in production; an embedded database would count as the process's memory. */
const databaseFor = (): Promise<TestDatabase> | undefined =>
  process.env['TEST_DATABASE_URL'] === undefined ? undefined : testDatabase();

export async function otherTenant({ url, call }: House, name: string): Promise<House> {
  return houseOf(url, (await call('POST', '/api/v1/tenants', { name })).apiKey!.key);
}

function houseOf(url: string, key: string): House {
  return {
    url,
    key,
    call: async (method, path, body) => {
      const response = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? {} : JSON.parse(text).data;
    },
  };
}
