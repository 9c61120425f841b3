import { TRACEPARENT, traceHeaders, withLogFields } from '@guildhall/core';
import type { ModelReply, RunContext, ToolResult } from '@guildhall/sdk';
import { FakeWorld, replyOf } from '../run-harness.js';
import { call, gate, useEngineFixture } from '../spec-fixture/engine-fixture.js';
import { never } from '../spec-fixture/run-fixture.js';

describe('the run engine', () => {
  const { ctx, database, sql, processOf, start, finish, expireLease, takeOver, diedIn, eventsOf, typesOf } =
    useEngineFixture();

  describe('after a crash', () => {
    it('another process goes on and runs no recorded step again', async () => {
      const { world, run } = await diedIn(call('look'));
      const after = await takeOver(processOf(world), run.id);
      expect(after).toMatchObject({ status: 'succeeded', output: { text: 'end' }, attempts: 2 });
      expect(world.requests).toHaveLength(2);
      const events = await eventsOf(run.id);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.filter(({ type }) => type === 'run.succeeded')).toHaveLength(1);
      expect(after.usage.inputTokens).toBe(20);
    });

    it('stays in the trace of the request that started it, whoever goes on with it', async () => {
      const traceOf = (id: string) => `00-${id.repeat(16)}-${'cd'.repeat(8)}-01`;
      const traceparent = traceOf('ab');
      const seen: unknown[] = [];
      const entered = Promise.withResolvers<void>();
      const world = new FakeWorld();
      world.respond = ({ messages }, request) => {
        seen.push(traceHeaders(), request.traceparent);
        return messages.some(({ role }) => role === 'tool') ? replyOf('end') : replyOf('', [call('look')]);
      };
      world.use = () => {
        entered.resolve();
        return never<ToolResult>();
      };
      const input = { agentId: 'agt_test', input: { text: 'hi' } };
      const { run } = await processOf(world).service.start({ ...ctx, traceparent }, input, 'wait');
      await entered.promise;
      await expireLease(run.id);
      world.use = (_call, tool) => {
        seen.push(traceHeaders(), tool.traceparent);
        return { ok: true, output: 'done', durationMs: 1 };
      };
      // Runs are claimed in whatever context a process is in.
      const fields = { requestId: 'req-other', [TRACEPARENT]: traceOf('ef') };
      await withLogFields(fields, () => takeOver(processOf(world), run.id));
      const each = [{ traceparent }, traceparent];
      expect(seen).toEqual([...each, ...each, ...each]);
      expect(world.ended).toMatchObject([{ runId: run.id, traceId: 'ab'.repeat(16) }]);
      expect(world.origins).toMatchObject([{ traceId: 'ab'.repeat(16), traceparent }]);
    });

    it('repeats an idempotent call with the same key', async () => {
      const { world, run } = await diedIn(call('store'));
      expect((await takeOver(processOf(world), run.id)).status).toBe('succeeded');
      expect(world.calls.map(({ key }) => key)).toEqual([`${run.id}:call_store`, `${run.id}:call_store`]);
    });

    it('does not repeat an unsafe call: a person decides', async () => {
      const { world, run } = await diedIn(call('pay'));
      expect((await takeOver(processOf(world), run.id)).status).toBe('needs_attention');
      expect(world.calls).toHaveLength(1);
      const [interrupt] = await sql('SELECT kind, tool_call FROM interrupts WHERE run_id = $1', [run.id]);
      expect(interrupt).toEqual({ kind: 'unknown_effect', tool_call: call('pay') });
    });

    it('voids the text that the dead process had streamed', async () => {
      const world = new FakeWorld();
      const seen = gate();
      world.respond = (_request, _ctx, onSignal) => {
        onSignal!({ type: 'delta', text: 'half' });
        seen.open();
        return never<ModelReply>();
      };
      const one = processOf(world);
      const { run } = await start(one, 'stream');
      await seen.opened;
      while (!(await typesOf(run.id)).includes('message.delta')) await one.waiter.until(ctx, run.id, 20, () => false);
      await expireLease(run.id);
      world.respond = () => replyOf('whole');
      await takeOver(processOf(world), run.id);
      const events = await eventsOf(run.id);
      const retried = events.find(({ type }) => type === 'step.retried')!;
      const half = events.find(({ payload }) => payload.text === 'half')!;
      expect(retried.payload.fromSeq).toBeLessThanOrEqual(half.seq);
      expect(retried.payload.attempt).toBe(2);
    });

    it('the dead process, when it comes back to life, can write nothing more', async () => {
      const world = new FakeWorld();
      const thinking = gate();
      const wake = gate();
      world.respond = async () => {
        thinking.open();
        await wake.opened;
        return replyOf('late');
      };
      const zombie = processOf(world);
      const { run, settled } = await start(zombie);
      await thinking.opened;
      await expireLease(run.id);
      const quick = new FakeWorld();
      expect((await takeOver(processOf(quick), run.id)).output!.text).toBe('hello');
      wake.open();
      expect((await settled(5000)).output!.text).toBe('hello');
      expect((await typesOf(run.id)).filter((type) => type === 'run.succeeded')).toHaveLength(1);
    });

    it('gives up on a run that kills its process three times, with the reason', async () => {
      const { world, run } = await diedIn(call('look'));
      for (let crash = 2; crash <= 3; crash++) {
        const next = processOf(world);
        await next.sweeper.sweep(ctx);
        await next.leases.claim(next.engine.owner, 10);
        await expireLease(run.id);
      }
      const after = await takeOver(processOf(world), run.id);
      expect(after).toMatchObject({ status: 'failed', error: { code: 'crashed_repeatedly' }, attempts: 3 });
    });

    it.each([
      ['is taken over', 0],
      ['is given up', 2],
    ])('counts the time of attempts that died: a run beyond its limit has timed out when it %s', async (_, crashes) => {
      const { world, run } = await diedIn(call('look'));
      await sql(`UPDATE run_events SET at = at - interval '2 min' WHERE run_id = $1 AND type = 'run.started'`, [
        run.id,
      ]);
      await sql('UPDATE runs SET crashes = $2 WHERE id = $1', [run.id, crashes]);
      const after = await takeOver(processOf(world), run.id);
      expect(after).toMatchObject({ status: 'failed', error: { code: 'timed_out' }, usage: { inputTokens: 10 } });
      expect(world.requests).toHaveLength(1);
    });

    it('tries suspects one at a time, so that the one that kills does not take the others along', async () => {
      const { world, run } = await diedIn(call('look'));
      const other = await diedIn(call('look'));
      await sql(`UPDATE runs SET status = 'queued', ready = true, crashes = 2 WHERE id = ANY($1)`, [
        [run.id, other.run.id],
      ]);
      const next = processOf(world);
      const claim = async (terms?: { suspects: boolean }) =>
        (await next.leases.claim('next', 10, terms)).filter(({ suspect }) => suspect).map(({ id }) => id);
      expect(await claim({ suspects: false })).toEqual([]);
      expect(await claim()).toEqual([run.id]);
      expect(await claim()).toEqual([other.run.id]);
    });

    it('stops a run whose agent does not repeat what it did', async () => {
      const { world, run } = await diedIn(call('look'));
      world.run = async (context) => {
        const { hits } = await context.retrieve({ collectionId: 'col_1', query: 'x' });
        return { text: String(hits.length), citations: [] };
      };
      const after = await takeOver(processOf(world), run.id);
      expect(after).toMatchObject({ status: 'needs_attention', error: { code: 'nondeterministic' } });
      expect(after.error!.message).toContain('model');
    });

    it('tells the same time and draws the same lots again', async () => {
      const world = new FakeWorld();
      const seen: number[][] = [];
      const entered = gate();
      let dead = true;
      world.run = async (context: RunContext, agent) => {
        const before = await context.random();
        await context.model({ model: agent.model, messages: [] });
        seen.push([before, await context.now(), await context.random()]);
        await context.tool(call('look'));
        return { text: 'done', citations: [] };
      };
      world.use = () => {
        entered.open();
        return dead ? never<ToolResult>() : { ok: true, output: null, durationMs: 0 };
      };
      const { run } = await start(processOf(world));
      await entered.opened;
      await expireLease(run.id);
      dead = false;
      expect((await takeOver(processOf(world), run.id)).status).toBe('succeeded');
      expect(seen).toHaveLength(2);
      expect(seen[1]).toEqual(seen[0]);
      expect(seen[0]![0]).not.toBe(seen[0]![2]);
    });
  });

  describe('a database that goes away', () => {
    /** Lets the next statement of this name commit, and loses the answer. */
    function loseAnswerOf(statement: string) {
      const { pool } = database();
      const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<unknown>;
      const spy = jest.spyOn(pool, 'query');
      spy.mockImplementation((async (config: { name?: string }, ...rest: unknown[]) => {
        const result = await query(config, ...rest);
        if (config.name !== statement) return result;
        spy.mockRestore();
        throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      }) as never);
    }

    it('after a commit whose answer was lost: nothing is written twice', async () => {
      const one = processOf();
      const { run, settled } = await start(one, 'wait');
      loseAnswerOf('run_progress');
      expect(await settled(5000)).toMatchObject({ status: 'succeeded', output: { text: 'hello' } });
      const events = await eventsOf(run.id);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.at(-1)!.type).toBe('run.succeeded');
      expect((await one.runs.get(ctx, run.id)).usage).toEqual(replyOf('').usage);
      expect((await finish(one, { threadId: run.threadId })).status).toBe('succeeded');
    });

    it('while a step needs it: the run goes back to the queue, and is not failed', async () => {
      const world = new FakeWorld();
      world.respond = () => {
        throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      };
      const one = processOf(world);
      const { run } = await start(one, 'wait');
      await one.waiter.until(ctx, run.id, 5000, ({ status }) => status === 'queued');
      world.respond = () => replyOf('back');
      expect(await takeOver(one, run.id)).toMatchObject({ status: 'succeeded', output: { text: 'back' } });
    });
  });

  describe('shutdown', () => {
    it('lets a run reach a step boundary and hands it back; another process goes on', async () => {
      const world = new FakeWorld();
      const entered = gate();
      const leave = gate();
      world.respond = (request) =>
        request.messages.some(({ role }) => role === 'tool') ? replyOf('end') : replyOf('', [call('pay')]);
      world.use = async () => {
        entered.open();
        await leave.opened;
        return { ok: true, output: 'paid', durationMs: 1 };
      };
      const one = processOf(world);
      const { run } = await start(one);
      await entered.opened;
      const drained = one.engine.drain(new AbortController().signal);
      leave.open();
      await drained;
      expect(await one.runs.get(ctx, run.id)).toMatchObject({ status: 'queued', attempts: 1 });
      expect((await takeOver(processOf(world), run.id)).status).toBe('succeeded');
      expect(world.calls).toHaveLength(1);
    });

    it('cuts a run off when its time is up, and gives the lease back all the same', async () => {
      const world = new FakeWorld();
      world.respond = never;
      const one = processOf(world);
      const { run } = await start(one);
      expect(await one.engine.drain(AbortSignal.abort())).toBe(1);
      expect(await one.runs.get(ctx, run.id)).toMatchObject({ status: 'queued', attempts: 1 });
    });
  });
});
