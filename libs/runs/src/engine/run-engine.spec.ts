import { NotFoundError, type ToolResult, UpstreamError } from '@guildhall/sdk';
import { z } from 'zod';
import { FakeWorld, replyOf } from '../run-harness.js';
import { call, gate, useEngineFixture } from '../spec-fixture/engine-fixture.js';
import { EVENTS_OF_ONE_CALL, never } from '../spec-fixture/run-fixture.js';

describe('the run engine', () => {
  const { ctx, database, sql, processOf, start, finish, expireLease, takeOver, eventsOf, typesOf, stepsOf } =
    useEngineFixture();

  describe('a run', () => {
    it('costs two statements when its caller waits', async () => {
      const { service } = processOf();
      const query = jest.spyOn(database().pool, 'query');
      const { settled } = await service.start(ctx, { agentId: 'agt_test', input: { text: 'hi' } }, 'wait');
      const run = await settled(5000);
      const statements = query.mock.calls.length;
      query.mockRestore();
      expect(run).toMatchObject({ status: 'succeeded', output: { text: 'hello', citations: [] }, attempts: 1 });
      expect(statements).toBe(2);
    });

    it('leaves gapless events, its steps, its usage and the answer in its thread', async () => {
      const one = processOf();
      const run = await finish(one);
      expect((await eventsOf(run.id)).map(({ seq, type }) => `${seq} ${type}`)).toEqual(EVENTS_OF_ONE_CALL);
      expect(await stepsOf(run.id)).toEqual([
        { key: '1', kind: 'model', name: 'default', status: 'succeeded', attempt: 1 },
      ]);
      expect(await one.runs.get(ctx, run.id)).toEqual({ ...run, usage: replyOf('').usage });
      const messages = await sql('SELECT role, text FROM messages WHERE run_id = $1 ORDER BY turn, place', [run.id]);
      expect(messages).toEqual([
        { role: 'user', text: 'hi' },
        { role: 'assistant', text: 'hello' },
      ]);
    });

    it('is grouped with others: a hundred at once take few statements', async () => {
      const one = processOf();
      const query = jest.spyOn(database().pool, 'query');
      const runs = await Promise.all(Array.from({ length: 100 }, () => finish(one)));
      const statements = query.mock.calls.length;
      query.mockRestore();
      expect(runs.every(({ status }) => status === 'succeeded')).toBe(true);
      expect(statements).toBeLessThan(20);
    });

    it('shows the model its tools answers, and records each call', async () => {
      const world = new FakeWorld();
      world.respond = (_request, _ctx, _signal, n) => (n === 1 ? replyOf('', [call('look')]) : replyOf('36'));
      const run = await finish(processOf(world));
      expect(world.requests[1]!.messages.slice(1)).toEqual([
        { role: 'assistant', text: '', toolCalls: [call('look')] },
        { role: 'tool', callId: 'call_look', tool: 'look', output: 'done' },
      ]);
      expect(world.calls).toEqual([{ call: call('look'), key: `${run.id}:call_look` }]);
      expect(run).toMatchObject({ output: { text: '36' }, usage: { inputTokens: 20, costMicroUsd: 14 } });
      expect(await typesOf(run.id)).toEqual(expect.arrayContaining(['tool_call.requested', 'tool_call.completed']));
    });

    it('goes on when a tool fails: the model reads why', async () => {
      const world = new FakeWorld();
      world.respond = (_request, _ctx, _signal, n) => (n === 1 ? replyOf('', [call('look')]) : replyOf('sorry'));
      const error = { code: 'tool_failed', message: 'no', category: 'upstream', retryable: false } as const;
      world.use = () => ({ ok: false, error, durationMs: 1 });
      expect(await finish(processOf(world))).toMatchObject({ status: 'succeeded', output: { text: 'sorry' } });
      expect(world.requests[1]!.messages.at(-1)).toMatchObject({ failed: true, output: { code: 'tool_failed' } });
    });

    it('remembers the thread, and not what queued up after it', async () => {
      const world = new FakeWorld();
      const one = processOf(world);
      const { threadId } = await finish(one);
      await finish(one, { threadId, input: { text: 'and now?' } });
      expect(world.requests[1]!.messages.map((message) => 'text' in message && message.text)).toEqual([
        'hi',
        'hello',
        'and now?',
      ]);
    });

    it('streams text as it comes and says what a restarted attempt has voided', async () => {
      const world = new FakeWorld();
      world.respond = async (_request, _ctx, onSignal) => {
        onSignal!({ type: 'selected', provider: 'a', model: 'm' });
        onSignal!({ type: 'delta', text: 'wrong' });
        await new Promise((resolve) => setTimeout(resolve, 30));
        onSignal!({ type: 'restart' });
        onSignal!({ type: 'failed-over', from: 'a', to: 'b', reason: 'provider_timeout' });
        onSignal!({ type: 'delta', text: 'ri' });
        onSignal!({ type: 'delta', text: 'ght' });
        return replyOf('right');
      };
      const { settled } = await start(processOf(world), 'stream');
      const events = await eventsOf((await settled(5000)).id);
      const retried = events.find(({ type }) => type === 'step.retried')!;
      const wrong = events.find(({ payload }) => payload.text === 'wrong')!;
      expect(retried.payload.fromSeq).toBe(wrong.seq);
      const surviving = events.filter(({ seq, type }) => type === 'message.delta' && seq > retried.seq);
      expect(surviving.map(({ payload }) => payload.text).join('')).toBe('right');
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    });

    it('is the same one for a keyed request that is repeated after its answer was lost', async () => {
      const one = processOf();
      const keyed = { ...ctx, idempotencyKey: 'order-17' };
      const body = { agentId: 'agt_test', input: { text: 'hi' } };
      const first = await (await one.service.start(keyed, body, 'wait')).settled(5000);
      const second = await (await one.service.start(keyed, body, 'wait')).settled(5000);
      const others = await (await one.service.start({ ...keyed, tenantId: 'ten_other' }, body, 'wait')).settled(5000);
      expect(second).toEqual({ ...first, usage: second.usage });
      expect(others.id).not.toBe(first.id);
    });

    it('says who failed over, also where the caller waits and nothing is streamed', async () => {
      const world = new FakeWorld();
      world.respond = (_request, _ctx, onSignal) => {
        onSignal!({ type: 'selected', provider: 'a', model: 'm' });
        onSignal!({ type: 'failed-over', from: 'a', to: 'b', reason: 'provider_unavailable' });
        onSignal!({ type: 'selected', provider: 'b', model: 'm' });
        return replyOf('hello');
      };
      const { settled } = await start(processOf(world), 'wait');
      const events = await eventsOf((await settled(5000)).id);
      expect(events.filter(({ type }) => type.startsWith('provider.')).map(({ payload }) => payload)).toEqual([
        { provider: 'a', model: 'm' },
        { from: 'a', to: 'b', reason: 'provider_unavailable' },
        { provider: 'b', model: 'm' },
      ]);
    });

    it('stores replies that a database would refuse, and harms no neighbour with them', async () => {
      const world = new FakeWorld();
      world.respond = () => replyOf('a\0b \ud800 c');
      expect((await finish(processOf(world))).status).toBe('succeeded');
    });

    it('fails with the words of its error, and of a fault of ours says nothing', async () => {
      const world = new FakeWorld();
      world.respond = () => {
        throw new UpstreamError('all_providers_failed', 'None answered', { provider: 'groq' });
      };
      expect(await finish(processOf(world))).toMatchObject({
        status: 'failed',
        error: { code: 'all_providers_failed', category: 'upstream', message: 'None answered', provider: 'groq' },
      });
      world.respond = () => {
        throw new TypeError('secret internals');
      };
      const broken = await finish(processOf(world));
      expect(broken.error!.code).toBe('internal_error');
      expect(JSON.stringify(broken)).not.toContain('secret');
    });
  });

  describe('limits', () => {
    const endless = () => {
      const world = new FakeWorld();
      world.respond = (_request, _ctx, _signal, n) => replyOf('', [call('look', `c${n}`)]);
      return world;
    };
    const limited = async (limits: object) => {
      const world = endless();
      world.agent = { ...world.agent, limits: { ...world.agent.limits, ...limits } };
      return { run: await finish(processOf(world)), world };
    };

    it('stop a loop after maxSteps', async () => {
      const { run, world } = await limited({ maxSteps: 5 });
      expect(run).toMatchObject({
        status: 'failed',
        error: { code: 'max_steps_exceeded', category: 'limit_exceeded' },
      });
      expect(world.requests.length + world.calls.length).toBe(5);
    });

    it('stop before the model call that tokens or money no longer allow', async () => {
      expect((await limited({ maxTokens: 30 })).run.error!.code).toBe('max_tokens_exceeded');
      const { run, world } = await limited({ maxCostMicroUsd: 0 });
      expect(run.error!.code).toBe('budget_exceeded');
      expect(world.requests).toHaveLength(0);
    });

    it('end a run that takes too long, and an agent cannot swallow them', async () => {
      const slow = new FakeWorld();
      slow.agent = { ...slow.agent, limits: { ...slow.agent.limits, timeoutMs: 30 } };
      slow.respond = never;
      expect(await finish(processOf(slow))).toMatchObject({ status: 'failed', error: { code: 'timed_out' } });
      const stubborn = endless();
      stubborn.agent = { ...stubborn.agent, limits: { ...stubborn.agent.limits, maxSteps: 1 } };
      stubborn.run = async (run, agent) => {
        for (;;) await run.model({ model: agent.model, messages: [] }).catch(() => undefined);
      };
      expect((await finish(processOf(stubborn))).error!.code).toBe('max_steps_exceeded');
    });
  });

  it('fails a run whose agent cannot be found any more', async () => {
    const one = processOf();
    const { run } = await start(one, 'background');
    one.agents.resolve = async () => {
      throw new NotFoundError('agent_version', '7');
    };
    expect(await takeOver(one, run.id)).toMatchObject({ status: 'failed', error: { code: 'agent_version_not_found' } });
    expect((await typesOf(run.id)).at(-1)).toBe('run.failed');
  });

  describe('a worker', () => {
    const nested = () => {
      const world = new FakeWorld();
      world.addWorker('double', z.object({ n: z.number() }), async (run, { n }: { n: number }) => {
        const reply = await run.model({ model: {}, messages: [] });
        await run.tool(call('look', `c${n}`));
        return { n: 2 * n, said: reply.text };
      });
      world.run = async (run) => {
        const results = await Promise.all([run.worker('double', { n: 1 }), run.worker('double', { n: 2 })]);
        return { text: JSON.stringify(results), citations: [] };
      };
      return world;
    };

    it('has steps of its own inside its step, and two at once do not mix', async () => {
      const run = await finish(processOf(nested()));
      expect(run.output!.text).toBe('[{"n":2,"said":"hello"},{"n":4,"said":"hello"}]');
      expect((await stepsOf(run.id)).map(({ key, kind }) => `${key} ${kind}`)).toEqual([
        '1 worker',
        '1.1 model',
        '1.2 tool',
        '2 worker',
        '2.1 model',
        '2.2 tool',
      ]);
    });

    it('after a crash repeats only its unfinished step', async () => {
      const world = nested();
      const entered = gate();
      world.use = ({ id }) => {
        if (id !== 'c2') return { ok: true, output: 1, durationMs: 0 };
        entered.open();
        return never<ToolResult>();
      };
      const one = processOf(world);
      const { run } = await start(one);
      await entered.opened;
      while ((await stepsOf(run.id)).length < 4) await one.waiter.until(ctx, run.id, 20, () => false);
      await expireLease(run.id);
      world.use = () => ({ ok: true, output: 1, durationMs: 0 });
      expect((await takeOver(processOf(world), run.id)).status).toBe('succeeded');
      expect(world.requests).toHaveLength(2);
      expect(world.calls.map((made) => made.call.id)).toEqual(['c1', 'c2', 'c2']);
    });

    it('that does not exist, or is given the wrong data, fails the run with the reason', async () => {
      const world = nested();
      world.run = async (run) => run.worker('double', { n: 'x' }) as never;
      const failed = await finish(processOf(world));
      expect(failed.error).toMatchObject({ code: 'validation_failed', message: expect.stringContaining('double') });
      world.run = async (run) => run.worker('none', {}) as never;
      expect((await finish(processOf(world))).error!.code).toBe('invalid_reference');
    });
  });
});
