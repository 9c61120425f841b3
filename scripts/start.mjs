// Builds what is stale, then becomes the process asked for.
//   node scripts/start.mjs api|worker|cli [options]
import { buildIfStale } from './build.mjs';

const [app = 'api', ...options] = process.argv.slice(2);
try {
  await buildIfStale();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
const main = new URL(`../dist/apps/${app}/apps/${app}/src/main.js`, import.meta.url);
process.argv.splice(1, process.argv.length, main.pathname, ...options);
await import(main.href);
