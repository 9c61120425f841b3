// Builds the three applications, the SDK, the first-party plugins and the database dump into dist/.
//   node scripts/build.mjs [--if-stale]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const STAMP = join(ROOT, 'dist', 'build.stamp');
const DUMP = join(ROOT, 'dist', 'assets', 'embedded-database.tar');
const SOURCES = [
  'apps/*/src/**/*.ts',
  'apps/*/tsconfig.app.json',
  'libs/*/src/**/*.ts',
  'libs/sdk/{package,tsconfig.lib}.json',
  'plugins/*/src/**/*.ts',
  'plugins/*/{package,tsconfig}.json',
  'nest-cli.json',
  'tsconfig.json',
  'package-lock.json',
  'scripts/build.mjs',
];
const NEST = join(ROOT, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

/** Builds when a source changed since the last build. Throws when a step fails. */
export async function buildIfStale() {
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint()) return;
  process.stderr.write('Building …\n');
  await build();
}

async function build() {
  const from = fingerprint();
  rmSync(STAMP, { force: true });
  // Two at a time: each step is one thread, and small machines have two.
  await inLanes([
    [() => run('api', [NEST, 'build', 'api']), buildDump],
    [buildPackages, () => run('worker', [NEST, 'build', 'worker'])],
    [() => run('cli', [NEST, 'build', 'cli'])],
  ]);
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, from);
}

/** Runs the lanes' steps, two lanes at a time. */
async function inLanes(lanes) {
  const waiting = [...lanes];
  const work = async () => {
    for (let lane = waiting.shift(); lane; lane = waiting.shift()) for (const step of lane) await step();
  };
  await Promise.all([work(), work()]);
}

/** What stands in node_modules as a package of its own: the SDK first, plugins are compiled against it. */
async function buildPackages() {
  rmSync(join(ROOT, 'libs/sdk/dist'), { recursive: true, force: true });
  await run('sdk', [TSC, '-p', 'libs/sdk/tsconfig.lib.json']);
  for (const config of globSync('plugins/*/tsconfig.json', { cwd: ROOT })) {
    rmSync(join(ROOT, dirname(config), 'dist'), { recursive: true, force: true });
    await run(dirname(config), [TSC, '-p', config]);
  }
}

/** An empty initialised database, which a first start loads ten times faster than it makes one. */
async function buildDump() {
  if (existsSync(DUMP) && statSync(DUMP).mtimeMs > statSync(join(ROOT, 'package-lock.json')).mtimeMs) return;
  const core = pathToFileURL(join(ROOT, 'dist/apps/api/libs/core/src/index.js')).href;
  const { dumpEmbeddedDatabase } = await import(core);
  const dump = await dumpEmbeddedDatabase([]);
  mkdirSync(dirname(DUMP), { recursive: true });
  writeFileSync(DUMP, Buffer.from(await dump.arrayBuffer()));
}

function run(name, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (data) => output.push(data));
    child.stderr.on('data', (data) => output.push(data));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve();
      reject(new Error(`Building ${name} failed:\n${Buffer.concat(output).toString()}`));
    });
  });
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of globSync(SOURCES, { cwd: ROOT, exclude: ['**/*.spec.ts'] }).toSorted()) {
    const { mtimeMs, size } = statSync(join(ROOT, file));
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await (process.argv.includes('--if-stale') ? buildIfStale() : build());
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
