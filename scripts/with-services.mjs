// Runs a command with a throwaway PostgreSQL and Redis: `node scripts/with-services.mjs npm run test:integration`.
// Sets TEST_DATABASE_URL and TEST_REDIS_URL, stops both servers at the end and passes the command's exit code on.
import { execFileSync, spawn } from 'node:child_process';
import { accessSync, chownSync, constants, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;

const [command, ...args] = process.argv.slice(2);
if (!command) fail('Name the command to run: node scripts/with-services.mjs npm test');

const directory = mkdtempSync(join(tmpdir(), 'guildhall-services-'));
const servers = [];
let child;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child?.kill(signal));

let exitCode = 1;
try {
  const databaseUrl = await startPostgres();
  const redisUrl = await startRedis();
  exitCode = await run({ ...process.env, TEST_DATABASE_URL: databaseUrl, TEST_REDIS_URL: redisUrl });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
} finally {
  await Promise.all(servers.map(stop));
  rmSync(directory, { recursive: true, force: true });
}
process.exitCode = exitCode;

async function startPostgres() {
  const bin = postgresBin();
  const port = await freePort();
  const data = join(directory, 'postgres');
  const as = asPostgresUser();
  execFileSync(
    as.command(join(bin, 'initdb')),
    [...as.args(join(bin, 'initdb')), '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const options = [
    '-D',
    data,
    '-p',
    String(port),
    '-h',
    '127.0.0.1',
    '-k',
    directory,
    '-c',
    'fsync=on',
    '-c',
    'max_connections=200',
  ];
  const server = join(bin, 'postgres');
  start('PostgreSQL', as.command(server), [...as.args(server), ...options], 'SIGINT');
  await listening('PostgreSQL', port);
  await ready(() =>
    execFileSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' }),
  );
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

async function startRedis() {
  const server = find('redis-server', (process.env.PATH ?? '').split(delimiter));
  if (!server) throw new Error('redis-server is not installed (apt-get install redis-server)');
  const port = await freePort();
  start(
    'Redis',
    server,
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory],
    'SIGTERM',
  );
  await listening('Redis', port);
  return `redis://127.0.0.1:${port}`;
}

/** The newest installed version's programs. */
function postgresBin() {
  const root = '/usr/lib/postgresql';
  const versions = list(root).toSorted((a, b) => Number(b) - Number(a));
  const folders = [
    ...versions.map((version) => join(root, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  const found = folders.find((folder) => find('initdb', [folder]) && find('postgres', [folder]));
  if (!found) throw new Error('PostgreSQL is not installed (apt-get install postgresql)');
  return found;
}

/** PostgreSQL refuses to run as root; then the system's user `postgres` runs it. */
function asPostgresUser() {
  if (process.getuid?.() !== 0) return { command: (program) => program, args: () => [] };
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const [uid, gid] = [id('-u'), id('-g')];
  chownSync(directory, uid, gid);
  return {
    command: () => 'setpriv',
    args: (program) => ['--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--', program],
  };
}

function start(name, program, options, stopSignal) {
  const server = spawn(program, options, { stdio: ['ignore', 'ignore', 'pipe'], cwd: directory });
  const record = { name, server, stopSignal, log: '' };
  server.stderr.on('data', (chunk) => (record.log = (record.log + chunk).slice(-4000)));
  record.ended = new Promise((resolve) => server.on('close', resolve));
  servers.push(record);
}

async function stop({ server, stopSignal, ended }) {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill(stopSignal);
  const late = setTimeout(() => server.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(late);
}

function run(env) {
  return new Promise((resolve, reject) => {
    child = spawn(command, args, { stdio: 'inherit', env });
    child.on('error', (error) => reject(new Error(`'${command}' could not be started: ${error.message}`)));
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

async function listening(name, port) {
  const record = servers.find((each) => each.name === name);
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    if (record.server.exitCode !== null) throw new Error(`${name} did not start:\n${record.log}`);
    if (await accepts(port)) return;
    await sleep(50);
  }
  throw new Error(`${name} did not answer within ${START_LIMIT_MS} ms:\n${record.log}`);
}

async function ready(check) {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      return check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(socket.end() && true)).on('error', () => resolve(false));
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function find(program, folders) {
  return folders
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
