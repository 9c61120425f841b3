import { requireNode } from '../../shared/src/require-node.js';

requireNode();
// Only now: an old Node would fail on the imports themselves, with words nobody understands.
const [{ runProcess }, { startWorker }] = await Promise.all([
  import('../../shared/src/run-process.js'),
  import('./start-worker.js'),
]);
// A worker that does not work on runs would be none.
await runProcess((loaded) => startWorker({ loaded }), { RUN_WORKERS: 'true' });
