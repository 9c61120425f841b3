import { requireNode } from '../../shared/src/require-node.js';

requireNode();
// Only now: an old Node would fail on the imports themselves, with words nobody understands.
const [{ runProcess }, { startApi }] = await Promise.all([
  import('../../shared/src/run-process.js'),
  import('./start-api.js'),
]);
await runProcess((loaded) => startApi({ loaded }));
