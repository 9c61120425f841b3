import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { Database } from '@guildhall/core';
import type { ToolResult } from '@guildhall/sdk';
import { RUN_MIGRATIONS } from './migrations/run-migrations.js';
import { FakeWorld, type Harness, contextOf, harness, replyOf } from './run-harness.js';
import type { Run } from './run.js';

/** What `GET /runs/{id}/steps` says must agree with what the run says. */
describe('a run that is ended by no engine', () => {
  let testing: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: RUN_MIGRATIONS });
    ({ database } = await testing.connect());
  });
  afterAll(() => testing.close());

  const ctx = contextOf();
  const sql = async (text: string, values: unknown[] = []) => (await database.pool.query(text, values)).rows;
  const expireQuestions = (runId: string) =>
    sql(`UPDATE interrupts SET expires_at = now() - interval '1 s' WHERE run_id = $1`, [runId]);
  const start = ({ service }: Harness) => service.start(ctx, { agentId: 'agt', input: { text: 'hi' } }, 'wait');
  const goOn = async (process: Harness, runId: string): Promise<Run> => {
    await process.sweeper.sweep(ctx);
    for (const run of await process.leases.claim(process.engine.owner, 10)) await process.engine.execute(run);
    return process.runs.get(ctx, runId);
  };
  const stepsOf = async ({ runs }: Harness, runId: string) =>
    (await runs.steps(ctx, runId)).map(({ kind, status, error, finishedAt }) => ({
      kind,
      status,
      code: error?.code,
      isFinished: finishedAt !== null,
    }));

  async function asking() {
    const world = new FakeWorld();
    world.run = async (run) => {
      await run.ask({ kind: 'question', prompt: 'Which size?' });
      return { text: '', citations: [] };
    };
    const process = harness(database, world);
    const run = await (await start(process)).settled(5000);
    return { process, run };
  }

  /** A run whose process died in the call of a tool, found by another one. */
  async function cutOffIn(tool: 'pay' | 'store') {
    const world = new FakeWorld();
    const call = { id: 'call_1', tool, input: { amount: 5 } };
    world.respond = ({ messages }) =>
      messages.some(({ role }) => role === 'tool') ? replyOf('end') : replyOf('', [call]);
    const entered = new Promise<void>((resolve) => {
      world.use = () => {
        resolve();
        return new Promise<ToolResult>(() => {});
      };
    });
    const { run } = await start(harness(database, world));
    await entered;
    world.use = () => ({ ok: true, output: 'done', durationMs: 1 });
    await sql(`UPDATE runs SET lease_expires_at = now() - interval '1 s' WHERE id = $1`, [run.id]);
    return { world, run, next: harness(database, world) };
  }

  it('has no question open any more, once it was cancelled or nobody answered', async () => {
    const { process, run } = await asking();
    await process.control.cancel(ctx, run.id);
    const step = { kind: 'interrupt', status: 'failed', isFinished: true };
    expect(await stepsOf(process, run.id)).toEqual([{ ...step, code: 'cancelled' }]);
    const other = await asking();
    await expireQuestions(other.run.id);
    await other.process.sweeper.sweep(ctx);
    expect(await stepsOf(other.process, other.run.id)).toEqual([{ ...step, code: 'interrupt_expired' }]);
    await other.process.retries.retry(ctx, other.run.id);
    expect((await goOn(other.process, other.run.id)).status).toBe('waiting');
    expect(await stepsOf(other.process, other.run.id)).toMatchObject([{ status: 'running', isFinished: false }]);
  });

  it('says of an unsafe call that its outcome is not known, and a retry asks a person again', async () => {
    const { world, run, next } = await cutOffIn('pay');
    expect((await goOn(next, run.id)).status).toBe('needs_attention');
    await expireQuestions(run.id);
    await next.sweeper.sweep(ctx);
    const ended = { status: 'failed', isFinished: true };
    expect((await stepsOf(next, run.id)).filter(({ kind }) => kind !== 'model').toSorted(byKind)).toEqual([
      { ...ended, kind: 'interrupt', code: 'interrupt_expired' },
      { ...ended, kind: 'tool', code: 'outcome_unknown' },
    ]);
    await next.retries.retry(ctx, run.id);
    expect((await goOn(next, run.id)).status).toBe('needs_attention');
    expect(world.calls).toHaveLength(1);
    await next.control.cancel(ctx, run.id);
    expect((await stepsOf(next, run.id)).filter(({ kind }) => kind !== 'model').toSorted(byKind)).toEqual([
      { ...ended, kind: 'interrupt', code: 'cancelled' },
      { ...ended, kind: 'tool', code: 'outcome_unknown' },
    ]);
  });

  it('says so of an idempotent call too, which a retry repeats with the same key', async () => {
    const { world, run, next } = await cutOffIn('store');
    await sql('UPDATE runs SET crashes = 2 WHERE id = $1', [run.id]);
    await next.sweeper.sweep(ctx);
    expect(await next.runs.get(ctx, run.id)).toMatchObject({ status: 'failed', error: { code: 'crashed_repeatedly' } });
    expect(await stepsOf(next, run.id)).toMatchObject([
      {},
      { kind: 'tool', code: 'outcome_unknown', isFinished: true },
    ]);
    await next.retries.retry(ctx, run.id);
    expect((await goOn(next, run.id)).status).toBe('succeeded');
    expect(world.calls.map(({ key }) => key)).toEqual([`${run.id}:call_1`, `${run.id}:call_1`]);
    expect(await stepsOf(next, run.id)).toMatchObject([{}, { kind: 'tool', status: 'succeeded', code: undefined }, {}]);
  });
});

const byKind = (a: { readonly kind: string }, b: { readonly kind: string }): number => a.kind.localeCompare(b.kind);
