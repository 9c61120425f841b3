import type { ProgressWritten, RunProgress } from '../commit/run-progress.statement.js';
import type { ClaimedRun } from './claimed-run.js';
import { RunWriter } from './run-writer.js';

describe('RunWriter', () => {
  it('takes nothing after the end, not even while the write before it is under way', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const written: RunProgress[] = [];
    const commit = async (progress: RunProgress) => {
      written.push(progress);
      await answered;
      return { outcome: 'written', last_seq: 2 + written.length } as ProgressWritten;
    };
    const fail = (error: unknown) => {
      throw error;
    };
    const run = { id: 'run_a', epoch: 1, answers: 0, lastSeq: 2, quiet: true } as ClaimedRun;
    const writer = new RunWriter(run, { commit, onCancelRequested: fail as never, onFailure: fail });
    writer.event('step.started', {});
    const flushed = writer.flush();
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toHaveLength(1);

    writer.event('run.failed', {});
    const finished = writer.finish({ status: 'failed', activeMs: 1 });
    writer.event('step.completed', {});
    answer();
    await Promise.all([flushed, finished]);
    expect(written.map(({ events }) => events.map(({ type }) => type))).toEqual([['step.started'], ['run.failed']]);
    expect(writer.event('step.completed', {}).seq).toBeUndefined();
  });
});
