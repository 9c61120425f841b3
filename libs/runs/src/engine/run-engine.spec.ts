import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { Database } from '@guildhall/core';
import { type ModelReply, NotFoundError, type RunContext, type ToolResult, UpstreamError } from '@guildhall/sdk';
import { z } from 'zod';
import { RUN_MIGRATIONS } from '../migrations/run-migrations.js';
import { FakeWorld, type Harness, type HarnessOptions, contextOf, harness, replyOf } from '../run-harness.js';
import type { Run } from '../run.js';

const call = (tool: string, id = `call_${tool}`, input: unknown = { n: 1 }) => ({ id, tool, input });
const never = <T>(): Promise<T> => new Promise<T>(() => {});

async function waitUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A promise and the function that fulfils it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('the run engine', () => {
  let testing: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: RUN_MIGRATIONS });
    ({ database } = await testing.connect());
  });
  afterAll(() => testing.close());
  // What a test left in the air must not be taken over by the next one's sweep.
  afterEach(() => sql(`UPDATE runs SET status = 'failed' WHERE status IN ('queued', 'running')`));

  const ctx = contextOf();
  const sql = async (text: string, values: unknown[] = []) => (await database.pool.query(text, values)).rows;
  const eventsOf = (runId: string) =>
    sql('SELECT seq, type, payload FROM run_events WHERE run_id = $1 ORDER BY seq', [runId]);
  const typesOf = async (runId: string) => (await eventsOf(runId)).map(({ type }) => type as string);
  const stepsOf = (runId: string) =>
    sql('SELECT key, kind, name, status, attempt FROM run_steps WHERE run_id = $1 ORDER BY key', [runId]);
  const start = (process: Harness, delivery: 'background' | 'wait' | 'stream' = 'wait', more: object = {}) =>
    process.service.start(ctx, { agentId: 'agt_test', input: { text: 'hi' }, ...more }, delivery);
  const finish = async (process: Harness, more: object = {}): Promise<Run> =>
    (await start(process, 'wait', more)).settled(5000);
  const process = (world: FakeWorld, options?: HarnessOptions) => harness(database, world, options);
  /** As after kill -9 and the time a lease takes to run out. */
  const expireLease = (runId: string) =>
    sql(`UPDATE runs SET lease_expires_at = now() - interval '1 s' WHERE id = $1`, [runId]);

  /** Sweeps, claims what is there and waits for it to end. */
  async function takeOver(successor: Harness, runId: string): Promise<Run> {
    await successor.sweeper.sweep(ctx);
    for (const claimed of await successor.leases.claim(successor.engine.owner, 10)) {
      await successor.engine.execute(claimed);
    }
    return successor.runs.get(ctx, runId);
  }

  describe('a run', () => {
    it('costs two statements when its caller waits', async () => {
      const { service } = process(new FakeWorld());
      const query = jest.spyOn(database.pool, 'query');
      const { settled } = await service.start(ctx, { agentId: 'agt_test', input: { text: 'hi' } }, 'wait');
      const run = await settled(5000);
      const statements = query.mock.calls.length;
      query.mockRestore();
      expect(run).toMatchObject({ status: 'succeeded', output: { text: 'hello', citations: [] }, attempts: 1 });
      expect(statements).toBe(2);
    });

    it('leaves gapless events, its steps, its usage and the answer in its thread', async () => {
      const one = process(new FakeWorld());
      const run = await finish(one);
      expect((await eventsOf(run.id)).map(({ seq, type }) => `${seq} ${type}`)).toEqual([
        '1 run.created',
        '2 run.started',
        '3 step.started',
        '4 provider.selected',
        '5 message.delta',
        '6 message.completed',
        '7 usage.updated',
        '8 step.completed',
        '9 run.succeeded',
      ]);
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
      const one = process(new FakeWorld());
      const query = jest.spyOn(database.pool, 'query');
      const runs = await Promise.all(Array.from({ length: 100 }, () => finish(one)));
      const statements = query.mock.calls.length;
      query.mockRestore();
      expect(runs.every(({ status }) => status === 'succeeded')).toBe(true);
      expect(statements).toBeLessThan(20);
    });

    it('shows the model its tools answers, and records each call', async () => {
      const world = new FakeWorld();
      world.respond = (_request, _ctx, _signal, n) => (n === 1 ? replyOf('', [call('look')]) : replyOf('36'));
      const run = await finish(process(world));
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
      expect(await finish(process(world))).toMatchObject({ status: 'succeeded', output: { text: 'sorry' } });
      expect(world.requests[1]!.messages.at(-1)).toMatchObject({ failed: true, output: { code: 'tool_failed' } });
    });

    it('remembers the thread, and not what queued up after it', async () => {
      const world = new FakeWorld();
      const one = process(world);
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
      const { settled } = await start(process(world), 'stream');
      const events = await eventsOf((await settled(5000)).id);
      const retried = events.find(({ type }) => type === 'step.retried')!;
      const wrong = events.find(({ payload }) => payload.text === 'wrong')!;
      expect(retried.payload.fromSeq).toBe(wrong.seq);
      const surviving = events.filter(({ seq, type }) => type === 'message.delta' && seq > retried.seq);
      expect(surviving.map(({ payload }) => payload.text).join('')).toBe('right');
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    });

    it('is the same one for a keyed request that is repeated after its answer was lost', async () => {
      const one = process(new FakeWorld());
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
      const { settled } = await start(process(world), 'wait');
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
      expect((await finish(process(world))).status).toBe('succeeded');
    });

    it('fails with the words of its error, and of a fault of ours says nothing', async () => {
      const world = new FakeWorld();
      world.respond = () => {
        throw new UpstreamError('all_providers_failed', 'None answered', { provider: 'groq' });
      };
      expect(await finish(process(world))).toMatchObject({
        status: 'failed',
        error: { code: 'all_providers_failed', category: 'upstream', message: 'None answered', provider: 'groq' },
      });
      world.respond = () => {
        throw new TypeError('secret internals');
      };
      const broken = await finish(process(world));
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
      return { run: await finish(process(world)), world };
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
      expect(await finish(process(slow))).toMatchObject({ status: 'failed', error: { code: 'timed_out' } });
      const stubborn = endless();
      stubborn.agent = { ...stubborn.agent, limits: { ...stubborn.agent.limits, maxSteps: 1 } };
      stubborn.run = async (run, agent) => {
        for (;;) await run.model({ model: agent.model, messages: [] }).catch(() => undefined);
      };
      expect((await finish(process(stubborn))).error!.code).toBe('max_steps_exceeded');
    });
  });

  describe('after a crash', () => {
    /** A run whose process died while `tool` was at work. */
    async function dieIn(tool: string) {
      const world = new FakeWorld();
      world.respond = (request) =>
        request.messages.some(({ role }) => role === 'tool') ? replyOf('paid') : replyOf('', [call(tool)]);
      const entered = gate();
      world.use = () => {
        entered.open();
        return never<ToolResult>();
      };
      const { run } = await start(process(world));
      await entered.opened;
      await expireLease(run.id);
      world.use = () => ({ ok: true, output: 'done', durationMs: 1 });
      return { world, run };
    }

    it('another process goes on and runs no recorded step again', async () => {
      const { world, run } = await dieIn('look');
      const after = await takeOver(process(world), run.id);
      expect(after).toMatchObject({ status: 'succeeded', output: { text: 'paid' }, attempts: 2 });
      expect(world.requests).toHaveLength(2);
      const events = await eventsOf(run.id);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.filter(({ type }) => type === 'run.succeeded')).toHaveLength(1);
      expect(after.usage.inputTokens).toBe(20);
    });

    it('repeats an idempotent call with the same key', async () => {
      const { world, run } = await dieIn('store');
      expect((await takeOver(process(world), run.id)).status).toBe('succeeded');
      expect(world.calls.map(({ key }) => key)).toEqual([`${run.id}:call_store`, `${run.id}:call_store`]);
    });

    it('does not repeat an unsafe call: a person decides', async () => {
      const { world, run } = await dieIn('pay');
      expect((await takeOver(process(world), run.id)).status).toBe('needs_attention');
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
      const one = process(world);
      const { run } = await start(one, 'stream');
      await seen.opened;
      while (!(await typesOf(run.id)).includes('message.delta')) await one.waiter.until(ctx, run.id, 20, () => false);
      await expireLease(run.id);
      world.respond = () => replyOf('whole');
      await takeOver(process(world), run.id);
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
      const zombie = process(world);
      const { run, settled } = await start(zombie);
      await thinking.opened;
      await expireLease(run.id);
      const quick = new FakeWorld();
      expect((await takeOver(process(quick), run.id)).output!.text).toBe('hello');
      wake.open();
      expect((await settled(5000)).output!.text).toBe('hello');
      expect((await typesOf(run.id)).filter((type) => type === 'run.succeeded')).toHaveLength(1);
    });

    it('gives up on a run that kills its process three times, with the reason', async () => {
      const { world, run } = await dieIn('look');
      for (let crash = 2; crash <= 3; crash++) {
        const next = process(world);
        await next.sweeper.sweep(ctx);
        await next.leases.claim(next.engine.owner, 10);
        await expireLease(run.id);
      }
      const after = await takeOver(process(world), run.id);
      expect(after).toMatchObject({ status: 'failed', error: { code: 'crashed_repeatedly' }, attempts: 3 });
    });

    it('tries suspects one at a time, so that the one that kills does not take the others along', async () => {
      const { world, run } = await dieIn('look');
      const other = await dieIn('look');
      await sql(`UPDATE runs SET status = 'queued', ready = true, crashes = 2 WHERE id = ANY($1)`, [
        [run.id, other.run.id],
      ]);
      const next = process(world);
      const claim = async (terms?: { suspects: boolean }) =>
        (await next.leases.claim('next', 10, terms)).filter(({ suspect }) => suspect).map(({ id }) => id);
      expect(await claim({ suspects: false })).toEqual([]);
      expect(await claim()).toEqual([run.id]);
      expect(await claim()).toEqual([other.run.id]);
    });

    it('stops a run whose agent does not repeat what it did', async () => {
      const { world, run } = await dieIn('look');
      world.run = async (context) => {
        const { hits } = await context.retrieve({ collectionId: 'col_1', query: 'x' });
        return { text: String(hits.length), citations: [] };
      };
      const after = await takeOver(process(world), run.id);
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
      const { run } = await start(process(world));
      await entered.opened;
      await expireLease(run.id);
      dead = false;
      expect((await takeOver(process(world), run.id)).status).toBe('succeeded');
      expect(seen).toHaveLength(2);
      expect(seen[1]).toEqual(seen[0]);
      expect(seen[0]![0]).not.toBe(seen[0]![2]);
    });
  });

  describe('a database that goes away', () => {
    /** Lets the next statement of this name commit, and loses the answer. */
    function loseAnswerOf(statement: string) {
      const { pool } = database;
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
      const one = process(new FakeWorld());
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
      const one = process(world);
      const { run } = await start(one, 'wait');
      await one.waiter.until(ctx, run.id, 5000, ({ status }) => status === 'queued');
      world.respond = () => replyOf('back');
      expect(await takeOver(one, run.id)).toMatchObject({ status: 'succeeded', output: { text: 'back' } });
    });
  });

  it('fails a run whose agent cannot be found any more', async () => {
    const one = process(new FakeWorld());
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
      const run = await finish(process(nested()));
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
      const one = process(world);
      const { run } = await start(one);
      await entered.opened;
      while ((await stepsOf(run.id)).length < 4) await one.waiter.until(ctx, run.id, 20, () => false);
      await expireLease(run.id);
      world.use = () => ({ ok: true, output: 1, durationMs: 0 });
      expect((await takeOver(process(world), run.id)).status).toBe('succeeded');
      expect(world.requests).toHaveLength(2);
      expect(world.calls.map((made) => made.call.id)).toEqual(['c1', 'c2', 'c2']);
    });

    it('that does not exist, or is given the wrong data, fails the run with the reason', async () => {
      const world = nested();
      world.run = async (run) => run.worker('double', { n: 'x' }) as never;
      const failed = await finish(process(world));
      expect(failed.error).toMatchObject({ code: 'validation_failed', message: expect.stringContaining('double') });
      world.run = async (run) => run.worker('none', {}) as never;
      expect((await finish(process(world))).error!.code).toBe('invalid_reference');
    });
  });

  describe('what a function leaves under way when its run ends', () => {
    const late = gate();
    const payLate = async (run: RunContext) => {
      await late.opened;
      return run.tool(call('pay'));
    };

    it.each([
      ['fails', 'failed', (run: RunContext) => Promise.all([payLate(run), Promise.reject(new Error('no'))])],
      ['succeeds', 'succeeded', (run: RunContext) => Promise.race([payLate(run), run.now()])],
    ])('begins nothing more: it %s', async (_, status, work) => {
      const world = new FakeWorld();
      world.run = async (run) => {
        await work(run);
        return { text: 'done', citations: [] };
      };
      const run = await finish(process(world));
      expect(run.status).toBe(status);
      late.open();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(world.calls).toEqual([]);
    });

    it('is cut off, and what it may have done to the world is noted', async () => {
      const world = new FakeWorld();
      const paying = gate();
      world.use = (_call, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
          paying.open();
        });
      world.run = async (run) => {
        await Promise.all([run.tool(call('pay')), paying.opened.then(() => Promise.reject(new Error('no')))]);
        return { text: 'done', citations: [] };
      };
      const run = await finish(process(world));
      expect(run.status).toBe('failed');
      expect(await sql('SELECT status, error FROM run_steps WHERE run_id = $1', [run.id])).toMatchObject([
        { status: 'failed', error: { code: 'outcome_unknown' } },
      ]);
      expect((await typesOf(run.id)).slice(-2)).toEqual(['step.failed', 'run.failed']);
    });
  });

  describe('the workers of a process', () => {
    it('claim what is queued, tenant by tenant, and stop with nothing left in hand', async () => {
      const world = new FakeWorld();
      const one = process(world);
      await one.workers.start(ctx.logger);
      const { run } = await start(one, 'background');
      expect(run.status).toBe('queued');
      expect((await one.waiter.settled(ctx, run.id, 5000)).status).toBe('succeeded');
      await one.workers.stop(new AbortController().signal);
      const { run: later } = await start(one, 'wait');
      expect(later.status).toBe('queued');
      expect(one.engine.load).toBe(0);
    });

    it('hear in another process that a run is to be cancelled', async () => {
      const world = new FakeWorld();
      world.respond = never;
      const worker = process(world);
      const api = process(world, { runWorkers: false });
      await worker.workers.start(ctx.logger);
      await api.workers.start(ctx.logger);
      const { run } = await start(api, 'wait');
      await api.waiter.until(ctx, run.id, 5000, ({ status }) => status === 'running');
      expect((await api.control.cancel(ctx, run.id)).status).toBe('cancelled');
      await worker.workers.stop(AbortSignal.abort());
      await api.workers.stop(AbortSignal.abort());
    });

    it('do not begin a run whose lease was asked for before they stood still', async () => {
      const world = new FakeWorld();
      const one = process(world, { runWorkers: false });
      await start(one, 'background');
      const [claimed] = await one.leases.claim(one.engine.owner, 1);
      one.engine.abandon();
      await one.engine.execute(claimed!);
      expect(world.requests).toEqual([]);
    });

    it('find a run again that they let go of, busy with another or not', async () => {
      const world = new FakeWorld();
      world.respond = (_request, _ctx, _signal, n) => (n < 3 ? never() : replyOf('found'));
      const one = process(world, { leaseMs: 1500 });
      await one.workers.start(ctx.logger);
      const asked = (count: number) => waitUntil(() => world.requests.length === count);
      const { run } = await start(one);
      await asked(1);
      one.engine.abandon();
      await start(one);
      await asked(2);
      expect(await one.waiter.settled(ctx, run.id, 5000)).toMatchObject({ status: 'succeeded', attempts: 2 });
      await one.workers.stop(AbortSignal.abort());
    });

    it('go on with a run alone when they had to claim it again, and keep its lease', async () => {
      const world = new FakeWorld();
      const second = gate();
      const signals: AbortSignal[] = [];
      world.respond = async (_request, { signal }, _onSignal, n) => {
        signals.push(signal);
        return n === 1 ? never() : second.opened.then(() => replyOf('again'));
      };
      const one = process(world);
      const { run, settled } = await start(one);
      await waitUntil(() => signals.length === 1);
      await expireLease(run.id);
      await one.sweeper.sweep(ctx);
      const [claimed] = await one.leases.claim(one.engine.owner, 1);
      const executed = one.engine.execute(claimed!);
      await waitUntil(() => signals.length === 2);
      expect([signals[0]!.aborted, signals[1]!.aborted]).toEqual([true, false]);
      expect(await one.leases.renew(one.engine.owner, one.engine.runIds)).toEqual([]);
      expect(one.engine.runIds).toEqual([run.id]);
      second.open();
      await executed;
      expect(await settled(5000)).toMatchObject({ status: 'succeeded', output: { text: 'again' }, attempts: 2 });
      expect(one.engine.load).toBe(0);
    });

    it('take no run over right after the database was away: whoever lives renews its leases first', async () => {
      const one = process(new FakeWorld());
      const away = Object.assign(new Error('terminating connection'), { code: '57P01' });
      const claim = jest.spyOn(one.leases, 'claim').mockRejectedValueOnce(away);
      const sweep = jest.spyOn(one.sweeper, 'sweep');
      await one.workers.start(ctx.logger);
      await expect(claim.mock.results[0]!.value).rejects.toBe(away);
      sweep.mockClear();
      await one.workers.sweep();
      expect(sweep).not.toHaveBeenCalled();
      await one.workers.stop(AbortSignal.abort());
    });

    it('try the next suspect as soon as the one before has finished a step', async () => {
      const world = new FakeWorld();
      world.respond = ({ messages }) => (messages.length > 1 ? never() : replyOf('', [call('look')]));
      world.run = async (run) => {
        const { model } = world.agent;
        const messages = [...(await run.conversation())];
        const reply = await run.model({ model, messages });
        await run.tool(reply.toolCalls[0]!);
        return run.answer(await run.model({ model, messages: [...messages, ...messages] }));
      };
      const one = process(world);
      const ids = [await start(one, 'background'), await start(one, 'background')].map(({ run }) => run.id);
      await sql('UPDATE runs SET crashes = 2 WHERE id = ANY ($1)', [ids]);
      await one.workers.start(ctx.logger);
      await waitUntil(() => world.requests.length === 4);
      expect(one.engine.runIds.toSorted()).toEqual(ids.toSorted());
      await one.workers.stop(AbortSignal.abort());
    });

    it('start the only run of one tenant before the many of another', async () => {
      const one = process(new FakeWorld(), { runWorkers: false });
      for (let n = 0; n < 5; n++) await start(one, 'background');
      const other = contextOf('ten_other');
      const single = await one.service.start(other, { agentId: 'a', input: { text: '?' } }, 'background');
      const claimed = await one.leases.claim('somebody', 2);
      expect(claimed.map(({ tenantId }) => tenantId).toSorted()).toEqual(['ten_a', 'ten_other']);
      expect(claimed.map(({ id }) => id)).toContain(single.run.id);
    });

    it('take no more than they may, and none of the tenants that have their share', async () => {
      const one = process(new FakeWorld(), { runWorkers: false });
      const ids = new Set<string>();
      for (const [tenant, runs] of [
        ['ten_a', 7],
        ['ten_b', 2],
        ['ten_c', 1],
      ] as const) {
        for (let n = 0; n < runs; n++) {
          const input = { agentId: 'a', input: { text: '?' } };
          ids.add((await one.service.start(contextOf(tenant), input, 'background')).run.id);
        }
      }
      const taken = (await one.leases.claim('somebody', 5, { except: ['ten_b'] })).map(({ tenantId }) => tenantId);
      expect(taken.toSorted()).toEqual(['ten_a', 'ten_a', 'ten_a', 'ten_c']);
      const rest = [await one.leases.claim('somebody', 5), await one.leases.claim('somebody', 5)].flat();
      expect(rest.map(({ tenantId }) => tenantId).toSorted()).toEqual([...Array(4).fill('ten_a'), 'ten_b', 'ten_b']);
      expect(await one.leases.claim('somebody', 5)).toEqual([]);
    });

    it('start the run of one tenant while another holds as many places as it may and queues for more', async () => {
      const world = new FakeWorld();
      world.respond = (_request, { tenantId }) => (tenantId === 'ten_late' ? replyOf('served') : never());
      const one = process(world);
      await one.workers.start(ctx.logger);
      for (let n = 0; n < 6; n++) await Promise.all(Array.from({ length: 50 }, () => start(one, 'background')));
      await waitUntil(() => one.engine.load >= 200);
      const late = contextOf('ten_late');
      const { settled } = await one.service.start(late, { agentId: 'a', input: { text: '?' } }, 'background');
      expect((await settled(5000)).status).toBe('succeeded');
      await one.workers.stop(AbortSignal.abort());
    });
  });

  describe('a thread', () => {
    it('has one writer at a time: others queue in order, or are refused', async () => {
      const world = new FakeWorld();
      const first = gate();
      world.respond = async (_request, _ctx, _signal, n) => {
        if (n === 1) await first.opened;
        return replyOf(`answer ${n}`);
      };
      const one = process(world);
      const begun = await start(one);
      const { threadId } = begun.run;
      const second = await start(one, 'wait', { threadId });
      const third = await start(one, 'wait', { threadId });
      expect([second.run.status, third.run.status]).toEqual(['queued', 'queued']);
      await expect(start(one, 'wait', { threadId, onBusy: 'reject' })).rejects.toMatchObject({ code: 'thread_busy' });
      first.open();
      await begun.settled(5000);
      for (const waiting of [second, third])
        expect(await takeOver(one, waiting.run.id)).toMatchObject({ status: 'succeeded' });
      const said = await sql('SELECT text FROM messages WHERE thread_id = $1 ORDER BY turn, place', [threadId]);
      expect(said.map(({ text }) => text)).toEqual(['hi', 'answer 1', 'hi', 'answer 2', 'hi', 'answer 3']);
    });

    it('is left by a run that is cancelled while it queues', async () => {
      const world = new FakeWorld();
      const first = gate();
      world.respond = async (_request, _ctx, _signal, n) => {
        if (n === 1) await first.opened;
        return replyOf('ok');
      };
      const one = process(world);
      const begun = await start(one);
      const { threadId } = begun.run;
      const second = await start(one, 'wait', { threadId });
      const third = await start(one, 'wait', { threadId });
      expect((await one.control.cancel(ctx, second.run.id)).status).toBe('cancelled');
      first.open();
      await begun.settled(5000);
      expect((await takeOver(one, third.run.id)).status).toBe('succeeded');
      expect((await finish(one, { threadId })).status).toBe('succeeded');
    });

    it('that others queue for and nobody writes in, as after a crash, lets a newcomer queue behind them', async () => {
      const one = process(new FakeWorld());
      const { threadId } = await finish(one);
      await sql('UPDATE threads SET backlog = 1 WHERE id = $1', [threadId]);
      const { run } = await start(one, 'wait', { threadId });
      expect(run.status).toBe('queued');
      // The other one is gone.
      await sql('UPDATE threads SET backlog = 1 WHERE id = $1', [threadId]);
      expect((await takeOver(one, run.id)).status).toBe('succeeded');
    });

    it('makes way for a run that interrupts, and forgets what was said for one that rolls back', async () => {
      const world = new FakeWorld();
      world.respond = (_request, _ctx, _signal, n) => (n === 1 ? never() : replyOf('ok'));
      const one = process(world);
      const begun = await start(one);
      const { threadId } = begun.run;
      const next = await start(one, 'wait', { threadId, input: { text: 'instead' }, onBusy: 'rollback' });
      expect((await begun.settled(5000)).status).toBe('cancelled');
      expect((await takeOver(one, next.run.id)).status).toBe('succeeded');
      const said = await sql('SELECT text FROM messages WHERE thread_id = $1 ORDER BY turn, place', [threadId]);
      expect(said.map(({ text }) => text)).toEqual(['instead', 'ok']);
    });

    it("refuses one that does not exist, or is another tenant's", async () => {
      const one = process(new FakeWorld());
      await expect(start(one, 'wait', { threadId: 'thr_none' })).rejects.toMatchObject({ code: 'thread_not_found' });
      const { threadId } = await finish(one);
      const foreign = one.service.start(contextOf('ten_b'), { agentId: 'a', threadId, input: { text: '?' } }, 'wait');
      await expect(foreign).rejects.toMatchObject({ code: 'thread_not_found' });
    });
  });

  describe('cancel and retry', () => {
    it('cancel aborts the model call, ends the run once, and may be repeated', async () => {
      const world = new FakeWorld();
      let aborted = false;
      world.respond = (_request, { signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(signal.reason);
          }),
        );
      const one = process(world);
      const { run, settled } = await start(one);
      expect(await one.control.cancel(ctx, run.id)).toMatchObject({
        status: 'cancelled',
        error: { code: 'cancelled' },
      });
      expect(aborted).toBe(true);
      expect((await settled(1000)).status).toBe('cancelled');
      expect((await one.control.cancel(ctx, run.id)).status).toBe('cancelled');
      expect((await typesOf(run.id)).at(-1)).toBe('run.cancelled');
    });

    it("cancel of a finished run is a conflict, of another tenant's not found", async () => {
      const one = process(new FakeWorld());
      const run = await finish(one);
      await expect(one.control.cancel(ctx, run.id)).rejects.toMatchObject({ code: 'run_already_finished' });
      await expect(one.control.cancel(contextOf('ten_b'), run.id)).rejects.toMatchObject({ code: 'run_not_found' });
    });

    it('cancel reaches a run whose process died', async () => {
      const world = new FakeWorld();
      world.respond = never;
      const { run } = await start(process(world));
      await sql('UPDATE runs SET cancel_requested_at = now() WHERE id = $1', [run.id]);
      await expireLease(run.id);
      expect((await takeOver(process(world), run.id)).status).toBe('cancelled');
    });

    it('retry goes on from the step that failed', async () => {
      const world = new FakeWorld();
      world.respond = (_request, _ctx, _signal, n) => {
        if (n === 2) throw new UpstreamError('provider_unavailable', 'down');
        return n === 1 ? replyOf('', [call('look')]) : replyOf('at last');
      };
      const one = process(world);
      const failed = await finish(one);
      expect(failed).toMatchObject({ status: 'failed', attempts: 1 });
      expect(await one.retries.retry(ctx, failed.id)).toMatchObject({ status: 'queued', attempts: 2, error: null });
      const after = await takeOver(one, failed.id);
      expect(after).toMatchObject({ status: 'succeeded', output: { text: 'at last' }, attempts: 2 });
      expect(world.requests).toHaveLength(3);
      expect(world.calls).toHaveLength(1);
      await expect(one.retries.retry(ctx, failed.id)).rejects.toMatchObject({ code: 'run_already_finished' });
    });

    describe('retry with another version', () => {
      /** A run whose second model call failed, after a tool had been called. */
      async function failedHalfWay(world: FakeWorld) {
        world.respond = (request, _ctx, _signal, n) => {
          if (n === 2) throw new UpstreamError('provider_unavailable', 'down');
          return n === 1 ? replyOf('', [call('look')]) : replyOf(`by ${request.model.name}`);
        };
        const one = process(world);
        return { one, failed: await finish(one) };
      }

      it.each([2, 'published'] as const)('(%s) goes on from the failed step by its definition', async (version) => {
        const world = new FakeWorld();
        world.versions[1] = { ...world.agent, model: { provider: 'other', name: 'healthy' } };
        const { one, failed } = await failedHalfWay(world);
        world.published = 2;
        expect(await one.retries.retry(ctx, failed.id, version)).toMatchObject({ status: 'queued', agentVersion: 2 });
        const after = await takeOver(one, failed.id);
        expect(after).toMatchObject({ status: 'succeeded', output: { text: 'by healthy' }, agentVersion: 2 });
        expect(world.calls).toHaveLength(1);
        const resumed = (await eventsOf(failed.id)).find(({ type }) => type === 'run.resumed');
        expect(resumed).toMatchObject({ payload: { attempt: 2, agentVersion: 2 } });
        const names = (await stepsOf(failed.id)).map(({ name, status, attempt }) => [name, status, attempt]);
        expect(names).toEqual([
          ['default', 'succeeded', 1],
          ['look', 'succeeded', 1],
          ['other/healthy', 'succeeded', 2],
        ]);
      });

      it('needs attention when it contradicts the record, and goes on with the one it fits', async () => {
        const world = new FakeWorld();
        const { one, failed } = await failedHalfWay(world);
        world.versions[1] = { ...world.agent, name: 'other way' };
        const usual = world.run;
        world.run = async (run, agent) => {
          if (agent.name === 'other way') await run.retrieve({ collectionId: 'col_1', query: '?', topK: 1 });
          return usual(run, agent);
        };
        await one.retries.retry(ctx, failed.id, 2);
        expect(await takeOver(one, failed.id)).toMatchObject({
          status: 'needs_attention',
          error: { code: 'nondeterministic' },
        });
        await one.retries.retry(ctx, failed.id, 1);
        expect(await takeOver(one, failed.id)).toMatchObject({ status: 'succeeded', agentVersion: 1, attempts: 3 });
        expect(world.calls).toHaveLength(1);
      });
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
      const one = process(world);
      const { run } = await start(one);
      await entered.opened;
      const drained = one.engine.drain(new AbortController().signal);
      leave.open();
      await drained;
      expect(await one.runs.get(ctx, run.id)).toMatchObject({ status: 'queued', attempts: 1 });
      expect((await takeOver(process(world), run.id)).status).toBe('succeeded');
      expect(world.calls).toHaveLength(1);
    });

    it('cuts a run off when its time is up, and gives the lease back all the same', async () => {
      const world = new FakeWorld();
      world.respond = never;
      const one = process(world);
      const { run } = await start(one);
      await one.engine.drain(AbortSignal.abort());
      expect(await one.runs.get(ctx, run.id)).toMatchObject({ status: 'queued', attempts: 1 });
    });
  });
});
