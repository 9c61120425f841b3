import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ServerProcess, spawnServerProcess, startServerProcess } from '@guildhall/testing';

const MEMORY = { DATABASE_URL: 'pglite:memory', BOOTSTRAP_API_KEY: 'gh_dev_local' };
const fixture = (name: string) => resolve('test/fixtures/plugins', name);

jest.setTimeout(120_000);

describe('a process', () => {
  const started: ServerProcess[] = [];
  const start = async (env: Record<string, string>, app: 'api' | 'worker' = 'api') => {
    const server = await startServerProcess({ app, env: { ...MEMORY, ...env } });
    started.push(server);
    return server;
  };
  afterEach(() => Promise.all(started.splice(0).map((server) => server.kill('SIGKILL'))));

  const statusOf = (server: ServerProcess, path: string) => fetch(`${server.url}${path}`).then(({ status }) => status);

  it('is not ready from SIGTERM on, serves until the balancer has noticed, and ends with 0', async () => {
    const server = await start({ SHUTDOWN_DELAY_MS: '1500' });
    server.signal('SIGTERM');
    while ((await statusOf(server, '/health/ready')) !== 503);
    const answer = await fetch(`${server.url}/api/v1/plugins`, { headers: { authorization: 'Bearer gh_dev_local' } });
    expect(answer.status).toBe(200);
    expect(await server.exited).toBe(0);
  });

  it('ends with 0 on SIGINT, at once in development', async () => {
    const server = await start({});
    const from = performance.now();
    expect(await server.kill('SIGINT')).toBe(0);
    // Elsewhere it serves on for five seconds.
    expect(performance.now() - from).toBeLessThan(4900);
  });

  it('ends at once on the second signal', async () => {
    const server = await start({ SHUTDOWN_DELAY_MS: '20000' });
    server.signal('SIGTERM');
    while ((await statusOf(server, '/health/ready')) !== 503);
    expect(await server.kill('SIGTERM')).toBe(143);
  });

  it('does not wait longer than the grace for a plugin that does not stop', async () => {
    const server = await start({ PLUGINS: fixture('hanging'), SHUTDOWN_GRACE_MS: '500' });
    const from = performance.now();
    expect(await server.kill('SIGTERM')).toBe(0);
    // The grace that operators have is 25 s.
    expect(performance.now() - from).toBeLessThan(15_000);
    expect(server.output()).toContain("Plugin 'hanging': stop() did not finish");
  });

  it('does not start with a plugin that fails, and names it', async () => {
    const server = await spawnServerProcess({ env: { ...MEMORY, PLUGINS: fixture('failing') } });
    expect(await server.exited).toBe(1);
    expect(server.output()).toContain("Plugin 'failing': start() failed: the fixture has no database");
  });

  it('ends with 78 and lists every fault of its settings', async () => {
    const env = { PORT: 'many', LOG_LEVEL: 'loud', NODE_ENV: 'production', DATABASE_URL: 'pglite:memory' };
    const server = await spawnServerProcess({ env });
    expect(await server.exited).toBe(78);
    for (const name of ['PORT', 'LOG_LEVEL', 'DATABASE_URL', 'ENCRYPTION_KEY', 'REDIS_URL']) {
      expect(server.output()).toContain(`${name}: `);
    }
    expect(server.output()).not.toMatch(/^\s+at /m);
  });

  it('ends with 78 and lists every fault of its plugins', async () => {
    const server = await spawnServerProcess({ env: { ...MEMORY, PLUGINS: 'no-such-plugin,./nor/this' } });
    expect(await server.exited).toBe(78);
    expect(server.output()).toContain("'no-such-plugin'");
    expect(server.output()).toContain("'./nor/this'");
  });

  describe('whose port is taken', () => {
    let other: Server;
    beforeAll(async () => {
      other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
    });
    afterAll(() => other.close());

    it('says so in a sentence', async () => {
      const PORT = String((other.address() as AddressInfo).port);
      const DATA_DIR = await mkdtemp(join(tmpdir(), 'guildhall-taken-'));
      const server = await spawnServerProcess({ env: { DATA_DIR, PORT } });
      expect(await server.exited).toBe(1);
      expect(server.output().trimEnd()).toMatch(
        new RegExp(`^Guildhall cannot start: 127.0.0.1:${PORT} is in use; [^\\n]*$`),
      );
      // Not even the database was opened.
      expect(await readdir(DATA_DIR)).toEqual([]);
      await rm(DATA_DIR, { recursive: true });
    });
  });

  it('works without routes as a worker, and answers its probes', async () => {
    const worker = await start({}, 'worker');
    const statuses = ['/health/live', '/health/startup', '/metrics', '/api/v1/plugins'].map((path) =>
      statusOf(worker, path),
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 404]);
    expect(await worker.kill('SIGTERM')).toBe(0);
  });
});
