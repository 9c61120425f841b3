import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';

const BUILT = 'dist/apps/api/apps/api/src/main.js';
const SOURCES = ['{apps,libs}/*/src/**/*.ts', 'package.json', 'tsconfig.json', 'nest-cli.json'];

/** Builds where nothing is built yet, or where a source is newer than what is. */
export function buildIfStale() {
  const built = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = Math.max(...globSync(SOURCES).map((file) => statSync(file).mtimeMs));
  if (newest <= built) return;
  console.log('Building (about a minute on a cold machine) …');
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`The build failed with exit code ${status}: run "npm run build" to see why`);
}
