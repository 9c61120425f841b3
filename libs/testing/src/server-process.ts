import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface ServerProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Folder of a control group that it runs in: a container's limits. */
  readonly cgroup?: string;
  /** Which built process. Default `api`. */
  readonly app?: 'api' | 'worker';
  /** How long it may take to be ready. Default 60 s. */
  readonly readyWithinMs?: number;
}

/** The built server as a process of its own: what an operator starts, and what a test may kill. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** All it has printed so far. */
  output(): string;
  /** Resolves to the exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Sends the signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  /** Sends the signal and does not wait: SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const READY_LIMIT_MS = 60_000;

/** Starts the built server and resolves when it is ready; rejects with its output when it ends before that. */
export async function startServerProcess(options: ServerProcessOptions = {}): Promise<ServerProcess> {
  const server = await spawnServerProcess(options);
  const { readyWithinMs = READY_LIMIT_MS } = options;
  const deadline = Date.now() + readyWithinMs;
  const ended = server.exited.then((code) => {
    throw new Error(`The server ended (${code}) before it was ready:\n${server.output()}`);
  });
  ended.catch(() => undefined);
  for (;;) {
    const ready = await Promise.race([ended, isReady(server.url)]);
    if (ready) return server;
    if (Date.now() > deadline) {
      await server.kill('SIGKILL');
      throw new Error(`The server was not ready after ${readyWithinMs} ms:\n${server.output()}`);
    }
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 25))]);
  }
}

/** Starts the built server without waiting: for starts that are meant to fail. */
export async function spawnServerProcess(options: ServerProcessOptions = {}): Promise<ServerProcess> {
  const { env, cwd, cgroup, app = 'api' } = options;
  const port = env?.['PORT'] ?? String(await freePort());
  const main = `${ROOT}dist/apps/${app}/apps/${app}/src/main.js`;
  const { PATH, HOME } = process.env;
  // The shell joins the group and becomes the server: not a byte of it is charged elsewhere.
  const [command, ...args] = cgroup
    ? ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', cgroup, process.execPath, main]
    : [process.execPath, main];
  const child = spawn(command!, args, {
    cwd: cwd ?? ROOT,
    env: { PATH, HOME, NODE_ENV: 'development', LOG_LEVEL: 'warn', PORT: port, WORKER_PORT: port, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return handle(child, `http://127.0.0.1:${port}`);
}

function handle(child: ChildProcess, url: string): ServerProcess {
  let printed = '';
  child.stdout!.on('data', (bytes: Buffer) => (printed += bytes.toString()));
  child.stderr!.on('data', (bytes: Buffer) => (printed += bytes.toString()));
  const exited = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return {
    url,
    pid: child.pid!,
    exited,
    output: () => printed,
    signal: (signal) => void child.kill(signal),
    kill: (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}

const isReady = (url: string) =>
  fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
