import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ENTRY = 'dist/apps/api/apps/api/src/main.js';
const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 30_000;

/** Starts the real server on the embedded default, with data of its own that goes when it stops. */
export async function startServer() {
  const home = await mkdtemp(join(tmpdir(), 'guildhall-demo-'));
  const logFile = join(home, 'server.log');
  const port = await freePort(8000);
  const log = openSync(logFile, 'w');
  const child = spawn(process.execPath, ['--enable-source-maps', ENTRY], {
    env: environment(port, join(home, 'data')),
    stdio: ['ignore', log, log],
    // Its own group: Ctrl-C is for the demo, which then stops the server in order.
    detached: true,
  });
  closeSync(log);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const server = { url: `http://127.0.0.1:${port}`, stop: () => stop(child, exited, home) };
  try {
    await ready(server.url, child);
  } catch (error) {
    const tail = readFileSync(logFile, 'utf8').split('\n').slice(-30).join('\n');
    await server.stop();
    throw new Error(`${error.message}\n--- the last lines of its log ---\n${tail}`, { cause: error });
  }
  return server;
}

/** The machine's own configuration must not turn the demo into something else: no service, no key, no network. */
function environment(port, dataDir) {
  const foreign = /^(DATABASE_|REDIS_|PLUGINS$|BOOTSTRAP_API_KEY|.*_API_KEY$|HF_TOKEN|.*_BASE_URL$|NODE_OPTIONS$)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const ours = { NODE_ENV: 'development', HOST: '127.0.0.1', PORT: String(port), DATA_DIR: dataDir };
  return { ...Object.fromEntries(kept), ...ours };
}

async function ready(url, child) {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null)
      throw new Error(`The server ended with exit code ${child.exitCode} before it was ready`);
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error(`The server was not ready within ${READY_WITHIN_MS / 1000} s`);
}

async function stop(child, exited, home) {
  if (child.exitCode === null) {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await exited;
    clearTimeout(late);
  }
  await rm(home, { recursive: true, force: true });
}

/** The wished port, or any other where that one is taken. */
async function freePort(wished) {
  for (const port of [wished, 0]) {
    const found = await new Promise((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(undefined));
      probe.listen(port, '127.0.0.1', () => {
        const { port: given } = probe.address();
        probe.close(() => resolve(given));
      });
    });
    if (found) return found;
  }
  throw new Error('No port is free on this machine');
}
