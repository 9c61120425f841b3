import { InterruptRepository } from '../interrupts/interrupt.repository.js';
import { FakeWorld } from '../run-harness.js';
import { useRunFixture } from '../spec-fixture/run-fixture.js';

describe('the sweep', () => {
  const { ctx, database, sql, processOf, finish, goOn } = useRunFixture();

  afterEach(() => jest.restoreAllMocks());

  /** A run that waits for answers to these questions. */
  async function asking(...prompts: string[]) {
    const world = new FakeWorld();
    world.run = async (run) => {
      const answers = await Promise.all(prompts.map((prompt) => run.ask({ kind: 'question', prompt })));
      return { text: answers.map(({ value }) => value).join(), citations: [] };
    };
    const process = processOf(world);
    const run = await finish(process);
    expect(run.status).toBe('waiting');
    return { process, run };
  }
  const expire = (runId: string, prompt: string) =>
    sql(`UPDATE interrupts SET expires_at = now() - interval '1 s' WHERE run_id = $1 AND prompt = $2`, [runId, prompt]);
  const statusesOf = async (runId: string) =>
    Object.fromEntries(
      (await sql('SELECT prompt, status FROM interrupts WHERE run_id = $1', [runId])).map((row) => [
        row.prompt,
        row.status,
      ]),
    );

  it('ends a run that nobody answered, also when the process died while it did so before', async () => {
    const { process, run } = await asking('A?', 'B?');
    await expire(run.id, 'A?');
    jest.spyOn(process.threads, 'leave').mockRejectedValueOnce(new Error('died'));
    await expect(process.sweeper.sweep(ctx)).rejects.toThrow('died');
    expect((await process.runs.get(ctx, run.id)).status).toBe('waiting');
    await process.sweeper.sweep(ctx);
    expect(await process.runs.get(ctx, run.id)).toMatchObject({
      status: 'failed',
      error: { code: 'interrupt_expired' },
    });
    expect(await statusesOf(run.id)).toEqual({ 'A?': 'expired', 'B?': 'cancelled' });
  });

  it('leaves a run that was answered in the meantime, and ends it once it rests on the other question', async () => {
    const { process, run } = await asking('A?', 'B?');
    await expire(run.id, 'A?');
    const { manager } = database();
    const look = manager.query.bind(manager);
    jest.spyOn(manager, 'query').mockImplementationOnce(async (text, values) => {
      const found = await look(text, values);
      const interrupts = new InterruptRepository();
      const open = (await interrupts.pendingOf(manager, ctx, run.id)).find(({ prompt }) => prompt === 'B?')!;
      await interrupts.answer(manager, ctx, open, { decision: 'done', value: 1 });
      await interrupts.resume(manager, ctx, open, { decision: 'done', value: 1 });
      return found;
    });
    await process.sweeper.sweep(ctx);
    expect((await process.runs.get(ctx, run.id)).status).toBe('queued');
    expect((await goOn(process, run.id)).status).toBe('waiting');
    await process.sweeper.sweep(ctx);
    expect((await process.runs.get(ctx, run.id)).status).toBe('failed');
    expect(await statusesOf(run.id)).toEqual({ 'A?': 'expired', 'B?': 'answered' });
  });

  it('ends a run that was cancelled while it came to rest, and nobody was left to tell', async () => {
    const { process, run } = await asking('A?');
    await sql('UPDATE runs SET cancel_requested_at = now() WHERE id = $1', [run.id]);
    await process.sweeper.sweep(ctx);
    expect(await process.runs.get(ctx, run.id)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
    expect(await statusesOf(run.id)).toEqual({ 'A?': 'cancelled' });
  });
});
