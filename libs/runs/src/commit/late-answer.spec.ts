import type { Database, SetAside, Settings } from '@guildhall/core';
import { NO_USAGE } from '@guildhall/sdk';
import { RunCommitter } from './run-committer.js';
import type { RunProgress } from './run-progress.statement.js';

/** A database that says after so long that everything was written. */
function answering(afterMs: number, leaseMs: number): RunCommitter {
  const query = async () => {
    const until = performance.now() + afterMs;
    while (performance.now() < until) await new Promise(setImmediate);
    return { rows: [{ run_id: 'run_1', outcome: 'written' }] };
  };
  return new RunCommitter(
    { pool: { query } } as unknown as Database,
    { RUN_LEASE_MS: leaseMs } as Settings,
    {} as SetAside,
  );
}

const progress = { run_id: 'run_1', events: [], spent: NO_USAGE, message: null } as unknown as RunProgress;

describe('an answer of the database', () => {
  it('counts while the lease that it speaks of does', async () => {
    await expect(answering(0, 15_000).record(progress)).resolves.toMatchObject({ outcome: 'written' });
  });

  it('says nothing when it comes later than a lease: another may have gone on with the run', async () => {
    await expect(answering(20, 10).record(progress)).resolves.toMatchObject({ outcome: 'lost' });
  });
});
