import { Audit, Cursors } from '@guildhall/core';
import type { InterruptRequest } from '@guildhall/sdk';
import { FakeWorld, contextOf, replyOf } from '../run-harness.js';
import { useRunFixture } from '../spec-fixture/run-fixture.js';
import { InterruptRepository } from './interrupt.repository.js';
import { InterruptService } from './interrupt.service.js';

const pay = { id: 'call_pay', tool: 'pay', input: { amount: 5, to: 'x' } };
const page = { limit: 20, status: 'pending' as const };

describe('interrupts', () => {
  const { ctx, database, sql, processOf, finish, goOn, takeOver, diedIn } = useRunFixture();

  const cursors = new Cursors({ for: () => Buffer.alloc(32) } as never);

  const audited: [action: string, target: object][] = [];
  const audit = {
    record: (_ctx: unknown, _tx: unknown, action: string, target: object) =>
      Promise.resolve(void audited.push([action, target])),
  } as unknown as Audit;

  function house(world: FakeWorld) {
    const process = processOf(world);
    const interrupts = new InterruptService(database(), new InterruptRepository(), process.runs, cursors, audit);
    return { ...process, interrupts };
  }
  const pendingOf = async ({ interrupts }: { interrupts: InterruptService }, runId: string) =>
    (await interrupts.list(ctx, { ...page, runId })).items;

  /** An agent that asks and says what it was told. */
  function asking(...requests: Partial<InterruptRequest>[]) {
    const world = new FakeWorld();
    world.run = async (run, agent) => {
      const before = await run.model({ model: agent.model, messages: [] });
      const answers = await Promise.all(
        requests.map((request) => run.ask({ kind: 'question', prompt: 'Which size?', ...request })),
      );
      const text = answers.map(({ decision, value }) => `${decision} ${JSON.stringify(value)}`).join(', ');
      return { text: `${before.text}: ${text}`, citations: [] };
    };
    return world;
  }

  it('suspend the run without holding a process, and let it go on by replay', async () => {
    const world = asking({});
    const one = house(world);
    const run = await finish(one);
    expect(run.status).toBe('waiting');
    expect(one.engine.load).toBe(0);
    const [interrupt] = await pendingOf(one, run.id);
    expect(interrupt).toMatchObject({ kind: 'question', prompt: 'Which size?', status: 'pending' });
    await one.interrupts.respond(ctx, interrupt!.id, { decision: 'done', value: 'L' });
    const another = house(world);
    expect(await goOn(another, run.id)).toMatchObject({
      status: 'succeeded',
      output: { text: 'hello: done "L"' },
      attempts: 1,
    });
    expect(world.requests).toHaveLength(1);
    const types = (await sql('SELECT type FROM run_events WHERE run_id = $1 ORDER BY seq', [run.id])).map(
      (e) => e.type,
    );
    expect(types.filter((type) => /^(interrupt|run)\./.test(type))).toEqual([
      'run.created',
      'run.started',
      'interrupt.requested',
      'run.waiting',
      'interrupt.responded',
      'run.resumed',
      'run.succeeded',
    ]);
    const steps = await one.runs.steps(ctx, run.id);
    const last = steps.at(-1)!;
    expect(last).toMatchObject({ kind: 'interrupt', status: 'succeeded' });
    const { items } = await one.runs.stepContents(ctx, run.id, [last.id], 1);
    expect(items[0]!.output).toEqual({ decision: 'done', value: 'L', respondedBy: ctx.actor.id });
  });

  it('may be several at once, answered in any order', async () => {
    const one = house(asking({ prompt: 'A?' }, { prompt: 'B?' }));
    const run = await finish(one);
    const [b, a] = (await pendingOf(one, run.id)).toSorted((x, y) => (x.prompt < y.prompt ? 1 : -1));
    await one.interrupts.respond(ctx, b!.id, { decision: 'done', value: 2 });
    expect((await goOn(one, run.id)).status).toBe('waiting');
    expect(await pendingOf(one, run.id)).toHaveLength(1);
    await one.interrupts.respond(ctx, a!.id, { decision: 'done', value: 1 });
    expect((await goOn(one, run.id)).output!.text).toBe('hello: done 1, done 2');
  });

  it('go on when the answer comes before the run has come to rest', async () => {
    const world = asking({ prompt: 'A?' }, { prompt: 'B?' });
    const one = house(world);
    const run = await finish(one);
    const [first, second] = await pendingOf(one, run.id);
    await one.interrupts.respond(ctx, first!.id, { decision: 'done', value: 1 });
    const [claimed] = await one.leases.claim(one.engine.owner, 1);
    await one.interrupts.respond(ctx, second!.id, { decision: 'done', value: 1 });
    await one.engine.execute({ ...claimed!, answers: claimed!.answers });
    expect(['queued', 'succeeded']).toContain((await one.runs.get(ctx, run.id)).status);
    expect((await goOn(one, run.id)).status).toBe('succeeded');
  });

  it('are answered exactly once, whoever answers at the same time', async () => {
    const one = house(asking({}));
    const run = await finish(one);
    const [interrupt] = await pendingOf(one, run.id);
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, (_, value) =>
        one.interrupts.respond(ctx, interrupt!.id, { decision: 'done', value }),
      ),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(one.interrupts.respond(ctx, interrupt!.id, { decision: 'done' })).rejects.toMatchObject({
      code: 'interrupt_already_answered',
    });
  });

  it('take only an answer that fits: the decision and the value', async () => {
    const one = house(asking({ kind: 'choice', responseSchema: { enum: ['S', 'M'] } }));
    const run = await finish(one);
    const [interrupt] = await pendingOf(one, run.id);
    const respond = (decision: 'done' | 'approve', value: unknown) =>
      one.interrupts.respond(ctx, interrupt!.id, { decision, value });
    await expect(respond('approve', 'S')).rejects.toMatchObject({ details: [{ path: 'decision' }] });
    await expect(respond('done', 'XL')).rejects.toMatchObject({ details: [{ path: 'value', code: 'enum' }] });
    expect(await respond('done', 'M')).toMatchObject({ status: 'answered' });
  });

  it('expire: the answer is refused and the run fails with the reason; a retry asks again', async () => {
    const one = house(asking({}));
    const run = await finish(one);
    const [interrupt] = await pendingOf(one, run.id);
    await sql(`UPDATE interrupts SET expires_at = now() - interval '1 s' WHERE id = $1`, [interrupt!.id]);
    expect(await pendingOf(one, run.id)).toEqual([]);
    await expect(one.interrupts.respond(ctx, interrupt!.id, { decision: 'done' })).rejects.toMatchObject({
      code: 'interrupt_expired',
    });
    await one.sweeper.sweep(ctx);
    expect(await one.runs.get(ctx, run.id)).toMatchObject({ status: 'failed', error: { code: 'interrupt_expired' } });
    await one.retries.retry(ctx, run.id);
    expect((await goOn(one, run.id)).status).toBe('waiting');
    const [again] = await pendingOf(one, run.id);
    expect(again!.id).not.toBe(interrupt!.id);
    await one.interrupts.resume(ctx, run.id, { decision: 'done', value: 1 });
    expect((await goOn(one, run.id)).status).toBe('succeeded');
    await expect(one.interrupts.resume(ctx, run.id, { decision: 'done' })).rejects.toMatchObject({
      code: 'run_not_waiting',
    });
  });

  it("of another tenant are not found, and a cancelled run's are closed", async () => {
    const one = house(asking({}));
    const run = await finish(one);
    const [interrupt] = await pendingOf(one, run.id);
    await expect(one.interrupts.get(contextOf('ten_b'), interrupt!.id)).rejects.toMatchObject({
      code: 'interrupt_not_found',
    });
    expect((await one.control.cancel(ctx, run.id)).status).toBe('cancelled');
    expect((await one.interrupts.get(ctx, interrupt!.id)).status).toBe('cancelled');
  });

  describe('for approval', () => {
    function paying() {
      const world = new FakeWorld();
      world.agent = { ...world.agent, approvals: [{ tool: 'pay', when: 'always' }] };
      world.respond = (request) =>
        request.messages.some(({ role }) => role === 'tool') ? replyOf('end') : replyOf('', [pay]);
      return world;
    }

    it('show the arguments, and run exactly these', async () => {
      const world = paying();
      const one = house(world);
      const run = await finish(one);
      expect(run.status).toBe('waiting');
      expect(world.calls).toEqual([]);
      const [interrupt] = await pendingOf(one, run.id);
      expect(interrupt).toMatchObject({ kind: 'approval', toolCall: pay });
      audited.length = 0;
      const answered = await one.interrupts.respond(ctx, interrupt!.id, { decision: 'approve' });
      expect(answered).toMatchObject({ respondedBy: ctx.actor.id, respondedAt: expect.any(Date) });
      const detail = { runId: run.id, kind: 'approval', tool: 'pay', decision: 'approve' };
      expect(audited).toEqual([['interrupt.answered', { id: interrupt!.id, detail }]]);
      const steps = await sql(`SELECT output FROM run_steps WHERE run_id = $1 AND kind = 'interrupt'`, [run.id]);
      expect(steps).toEqual([{ output: { decision: 'approve', respondedBy: ctx.actor.id } }]);
      expect((await goOn(one, run.id)).status).toBe('succeeded');
      expect(world.calls.map(({ call }) => call)).toEqual([pay]);
    });

    const approve = { decision: 'approve' } as const;
    const withScopes = (...scopes: string[]) => contextOf('ten_a', scopes);
    const idOther = (scopes: string[]) => ({
      ...contextOf(),
      actor: { kind: 'api-key', id: 'key_other', scopes } as const,
    });

    it.each([['admin'], ['*'], ['runs:approve']])('are answered by a key with the scope %s', async (scope) => {
      const one = house(paying());
      const run = await finish(one);
      const [interrupt] = await pendingOf(one, run.id);
      const weak = one.interrupts.respond(withScopes('runs:write', 'agents:write'), interrupt!.id, approve);
      await expect(weak).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('runs:approve') });
      expect((await one.interrupts.respond(withScopes(scope), interrupt!.id, approve)).status).toBe('answered');
      expect((await goOn(one, run.id)).status).toBe('succeeded');
    });

    it('are answered by another key than the one that started the run, where the agent says so', async () => {
      const world = paying();
      world.agent = { ...world.agent, approvals: [{ tool: 'pay', when: 'always', by: 'other' }] };
      const one = house(world);
      const run = await finish(one);
      await expect(one.interrupts.resume(ctx, run.id, approve)).rejects.toMatchObject({ code: 'forbidden' });
      expect(await pendingOf(one, run.id)).toMatchObject([{ by: 'other', status: 'pending' }]);
      await one.interrupts.resume(idOther(['runs:approve']), run.id, approve);
      expect((await goOn(one, run.id)).status).toBe('succeeded');
      expect(world.calls.map(({ call }) => call)).toEqual([pay]);
    });

    it('take no value: nothing that is approved differs from what was shown', async () => {
      const world = paying();
      const one = house(world);
      const run = await finish(one);
      const changed = one.interrupts.resume(ctx, run.id, { ...approve, value: { amount: 1 } });
      await expect(changed).rejects.toMatchObject({ details: [{ path: 'value' }] });
      expect(world.calls).toEqual([]);
    });

    it('tell the model of a refusal, and do nothing', async () => {
      const world = paying();
      const one = house(world);
      const run = await finish(one);
      await one.interrupts.resume(ctx, run.id, { decision: 'reject', comment: 'too much' });
      expect((await goOn(one, run.id)).status).toBe('succeeded');
      expect(world.calls).toEqual([]);
      expect(world.requests.at(-1)!.messages.at(-1)).toMatchObject({
        failed: true,
        output: { code: 'approval_rejected', message: 'A person refused this call: too much' },
      });
    });
  });

  describe('for an unknown effect', () => {
    /** A run whose process died while it paid. */
    async function cutOff() {
      const { world, run } = await diedIn(pay);
      const next = house(world);
      expect(await takeOver(next, run.id)).toMatchObject({ status: 'needs_attention' });
      return { world, next, run };
    }

    it('are for a key with runs:approve, as the call was', async () => {
      const { next, run } = await cutOff();
      const writer = contextOf('ten_a', ['runs:write']);
      await expect(next.interrupts.resume(writer, run.id, { decision: 'retry' })).rejects.toMatchObject({
        code: 'forbidden',
      });
    });

    it('record what a person says was done, and call nothing', async () => {
      const { world, next, run } = await cutOff();
      await next.interrupts.resume(ctx, run.id, { decision: 'done', value: { receipt: 7 } });
      expect((await goOn(next, run.id)).status).toBe('succeeded');
      expect(world.calls).toHaveLength(1);
      expect(world.requests.at(-1)!.messages.at(-1)).toMatchObject({ role: 'tool', output: { receipt: 7 } });
    });

    it('call again when a person says so, with the same key', async () => {
      const { world, next, run } = await cutOff();
      await next.interrupts.resume(ctx, run.id, { decision: 'retry' });
      expect((await goOn(next, run.id)).status).toBe('succeeded');
      expect(world.calls.map(({ key }) => key)).toEqual([`${run.id}:call_pay`, `${run.id}:call_pay`]);
    });

    it('are asked anew by a retry, once nobody has answered for a month', async () => {
      const { world, next, run } = await cutOff();
      const [interrupt] = await pendingOf(next, run.id);
      const days = (interrupt!.expiresAt.getTime() - Date.now()) / 86_400_000;
      expect(Math.round(days)).toBe(30);
      await sql(`UPDATE interrupts SET expires_at = now() - interval '1 s' WHERE id = $1`, [interrupt!.id]);
      await next.sweeper.sweep(ctx);
      expect(await next.runs.get(ctx, run.id)).toMatchObject({
        status: 'failed',
        error: { code: 'interrupt_expired' },
      });
      await next.retries.retry(ctx, run.id);
      expect((await goOn(next, run.id)).status).toBe('needs_attention');
      expect(await pendingOf(next, run.id)).toHaveLength(1);
      expect(world.calls).toHaveLength(1);
    });

    it('are not answered by a retry of the run', async () => {
      const { world, next, run } = await cutOff();
      await next.retries.retry(ctx, run.id);
      expect((await goOn(next, run.id)).status).toBe('needs_attention');
      expect(world.calls).toHaveLength(1);
      expect(await pendingOf(next, run.id)).toHaveLength(1);
    });
  });
});
