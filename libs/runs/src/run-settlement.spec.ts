import { FakeWorld } from './run-harness.js';
import { useRunFixture } from './spec-fixture/run-fixture.js';

/** What `GET /runs/{id}/steps` says must agree with what the run says. */
describe('a run that is ended by no engine', () => {
  const { ctx, sql, processOf, finish, takeOver, diedIn, stepEnds } = useRunFixture();

  const expireQuestions = (runId: string) =>
    sql(`UPDATE interrupts SET expires_at = now() - interval '1 s' WHERE run_id = $1`, [runId]);

  async function asking() {
    const world = new FakeWorld();
    world.run = async (run) => {
      await run.ask({ kind: 'question', prompt: 'Which size?' });
      return { text: '', citations: [] };
    };
    const process = processOf(world);
    const run = await finish(process);
    return { process, run };
  }

  /** A run whose process died in the call of a tool, found by another one. */
  async function cutOffIn(tool: 'pay' | 'store') {
    const { world, run } = await diedIn({ id: 'call_1', tool, input: { amount: 5 } });
    return { world, run, next: processOf(world) };
  }

  it('has no question open any more, once it was cancelled or nobody answered', async () => {
    const { process, run } = await asking();
    await process.control.cancel(ctx, run.id);
    const step = { kind: 'interrupt', status: 'failed', isFinished: true };
    expect(await stepEnds(process, run.id)).toEqual([{ ...step, code: 'cancelled' }]);
    const other = await asking();
    await expireQuestions(other.run.id);
    await other.process.sweeper.sweep(ctx);
    expect(await stepEnds(other.process, other.run.id)).toEqual([{ ...step, code: 'interrupt_expired' }]);
    await other.process.retries.retry(ctx, other.run.id);
    expect((await takeOver(other.process, other.run.id)).status).toBe('waiting');
    expect(await stepEnds(other.process, other.run.id)).toMatchObject([{ status: 'running', isFinished: false }]);
  });

  it('says of an unsafe call that its outcome is not known, and a retry asks a person again', async () => {
    const { world, run, next } = await cutOffIn('pay');
    expect((await takeOver(next, run.id)).status).toBe('needs_attention');
    await expireQuestions(run.id);
    await next.sweeper.sweep(ctx);
    const ended = { status: 'failed', isFinished: true };
    expect((await stepEnds(next, run.id)).filter(({ kind }) => kind !== 'model').toSorted(byKind)).toEqual([
      { ...ended, kind: 'interrupt', code: 'interrupt_expired' },
      { ...ended, kind: 'tool', code: 'outcome_unknown' },
    ]);
    await next.retries.retry(ctx, run.id);
    expect((await takeOver(next, run.id)).status).toBe('needs_attention');
    expect(world.calls).toHaveLength(1);
    await next.control.cancel(ctx, run.id);
    expect((await stepEnds(next, run.id)).filter(({ kind }) => kind !== 'model').toSorted(byKind)).toEqual([
      { ...ended, kind: 'interrupt', code: 'cancelled' },
      { ...ended, kind: 'tool', code: 'outcome_unknown' },
    ]);
  });

  it('says so of an idempotent call too, which a retry repeats with the same key', async () => {
    const { world, run, next } = await cutOffIn('store');
    await sql('UPDATE runs SET crashes = 2 WHERE id = $1', [run.id]);
    await next.sweeper.sweep(ctx);
    expect(await next.runs.get(ctx, run.id)).toMatchObject({ status: 'failed', error: { code: 'crashed_repeatedly' } });
    expect(await stepEnds(next, run.id)).toMatchObject([
      {},
      { kind: 'tool', code: 'outcome_unknown', isFinished: true },
    ]);
    await next.retries.retry(ctx, run.id);
    expect((await takeOver(next, run.id)).status).toBe('succeeded');
    expect(world.calls.map(({ key }) => key)).toEqual([`${run.id}:call_1`, `${run.id}:call_1`]);
    expect(await stepEnds(next, run.id)).toMatchObject([
      {},
      { kind: 'tool', status: 'succeeded', code: undefined },
      {},
    ]);
  });
});

const byKind = (a: { readonly kind: string }, b: { readonly kind: string }): number => a.kind.localeCompare(b.kind);
