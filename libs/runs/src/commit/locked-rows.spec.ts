import type { Database, SetAside, Settings } from '@guildhall/core';
import { NO_USAGE } from '@guildhall/sdk';
import { RunCommitter } from './run-committer.js';
import type { RunProgress } from './run-progress.statement.js';
import type { RunStart } from './run-start.statement.js';

interface Statement {
  readonly name: string;
  readonly values: readonly [string, number];
}

/** A database where somebody holds the rows of some runs and threads until they let go of them. */
function lockable(...held: string[]) {
  const locked = new Set(held);
  const tries: string[][] = [];
  const query = async ({ values: [json] }: Statement) => {
    await new Promise(setImmediate);
    const writes = JSON.parse(json) as { run_id: string; thread_id?: string }[];
    tries.push(writes.map(({ run_id }) => run_id));
    const waits = writes.some(({ run_id, thread_id }) => locked.has(run_id) || locked.has(thread_id ?? ''));
    if (waits) throw Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
    return { rows: writes.map(({ run_id }) => ({ run_id, outcome: 'written' })) };
  };
  const database = { pool: { query } } as unknown as Database;
  const committer = new RunCommitter(database, { RUN_LEASE_MS: 15_000 } as Settings, {} as SetAside);
  return { committer, tries, letGo: () => locked.clear() };
}

const progress = (run_id: string) => ({ run_id, events: [], spent: NO_USAGE, message: null }) as unknown as RunProgress;
const start = (run_id: string, thread_id: string) => ({ run_id, thread_id, new_thread: false }) as unknown as RunStart;

describe('a row that somebody else holds', () => {
  it('fails the start on its thread, retryable, and no other', async () => {
    const { committer } = lockable('thr_held');
    const [held, free] = await Promise.allSettled([
      committer.start(start('run_1', 'thr_held')),
      committer.start(start('run_2', 'thr_free')),
    ]);
    expect(held).toMatchObject({ status: 'rejected', reason: { code: '55P03' } });
    expect(free).toMatchObject({ status: 'fulfilled', value: { run_id: 'run_2' } });
  });

  it('keeps the progress of its run waiting, and no other', async () => {
    const { committer, letGo } = lockable('run_held');
    const held = committer.record(progress('run_held'));
    await expect(committer.record(progress('run_free'))).resolves.toMatchObject({ outcome: 'written' });
    letGo();
    await expect(held).resolves.toMatchObject({ outcome: 'written' });
  });

  it('is waited for outside the lane: the others are not tried with it again', async () => {
    const { committer, tries, letGo } = lockable('run_held');
    const held = committer.record(progress('run_held'));
    await committer.record(progress('run_1'));
    while (tries.filter((runs) => runs.includes('run_held')).length < 3) await new Promise(setImmediate);
    await Promise.all(['run_2', 'run_3'].map((id) => committer.record(progress(id))));
    letGo();
    await held;
    expect(tries.filter((runs) => runs.includes('run_held') && runs.length > 1)).toEqual([['run_held', 'run_1']]);
  });
});
