import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIfStale } from '../scripts/build.mjs';
import { startServerProcess } from '../libs/testing/src/server-process.ts';
import { TEST_API_KEY } from '../libs/testing/src/test-client.ts';

/** Jest's global set-up of the end-to-end tests: one built server a worker, each with a database of its own. */
export default async function setUp({ maxWorkers, collectCoverage }) {
  // Coverage is measured in Jest's own processes, and a database server is given to applications there.
  if (collectCoverage || process.env.TEST_DATABASE_URL) return;
  await buildIfStale();
  const servers = await Promise.all(Array.from({ length: maxWorkers }, start));
  process.env.TEST_SERVER_URLS = servers.map(({ url }) => url).join(' ');
  globalThis.endSharedServers = () => Promise.all(servers.map(({ end }) => end()));
}

async function start() {
  const directory = mkdtempSync(join(tmpdir(), 'guildhall-shared-'));
  const server = await startServerProcess({
    // On a busy machine several of them start at once.
    readyWithinMs: 240_000,
    env: {
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      BOOTSTRAP_API_KEY: TEST_API_KEY,
      RUN_WORKERS: 'true',
      // All tests have one address.
      RATE_LIMIT_ANONYMOUS: 'none',
      OUTBOUND_ALLOW: '127.0.0.1',
      SHUTDOWN_GRACE_MS: '5000',
      DATA_DIR: directory,
    },
  });
  const end = async () => {
    await server.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  return { url: server.url, end };
}
