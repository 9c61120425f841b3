// Builds what is stale, then becomes the process asked for. Where the sources are not (the image), there is nothing to build.
//   node scripts/start.mjs api|worker|cli [options]
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [app = 'api', ...options] = process.argv.slice(2);

const build = fileURLToPath(new URL('build.mjs', import.meta.url));
if (existsSync(build)) {
  // In a process of its own: what building loads should not stay in the server's memory.
  const { status } = spawnSync(process.execPath, [build, '--if-stale'], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

const main = new URL(`../dist/apps/${app}/apps/${app}/src/main.js`, import.meta.url);
process.argv.splice(1, process.argv.length, fileURLToPath(main), ...options);
await import(main.href);
