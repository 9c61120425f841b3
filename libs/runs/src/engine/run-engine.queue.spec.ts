import { FakeWorld, contextOf, replyOf } from '../run-harness.js';
import { call, gate, useEngineFixture, waitUntil } from '../spec-fixture/engine-fixture.js';
import { never } from '../spec-fixture/run-fixture.js';

describe('the run engine', () => {
  const { ctx, sql, processOf, start, finish, expireLease, takeOver } = useEngineFixture();

  describe('the workers of a process', () => {
    it('claim what is queued, tenant by tenant, and stop with nothing left in hand', async () => {
      const world = new FakeWorld();
      const one = processOf(world);
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
      const worker = processOf(world);
      const api = processOf(world, { runWorkers: false });
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
      const one = processOf(world, { runWorkers: false });
      await start(one, 'background');
      const [claimed] = await one.leases.claim(one.engine.owner, 1);
      one.engine.abandon();
      await one.engine.execute(claimed!);
      expect(world.requests).toEqual([]);
    });

    it('find a run again that they let go of, busy with another or not', async () => {
      const world = new FakeWorld();
      world.respond = (_request, _ctx, _signal, n) => (n < 3 ? never() : replyOf('found'));
      const one = processOf(world, { leaseMs: 1500 });
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
      const one = processOf(world);
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
      const one = processOf();
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
      const one = processOf(world);
      const ids = [await start(one, 'background'), await start(one, 'background')].map(({ run }) => run.id);
      await sql('UPDATE runs SET crashes = 2 WHERE id = ANY ($1)', [ids]);
      await one.workers.start(ctx.logger);
      await waitUntil(() => world.requests.length === 4);
      expect(one.engine.runIds.toSorted()).toEqual(ids.toSorted());
      await one.workers.stop(AbortSignal.abort());
    });

    it('start the only run of one tenant before the many of another', async () => {
      const one = processOf(new FakeWorld(), { runWorkers: false });
      for (let n = 0; n < 5; n++) await start(one, 'background');
      const other = contextOf('ten_other');
      const single = await one.service.start(other, { agentId: 'a', input: { text: '?' } }, 'background');
      const claimed = await one.leases.claim('somebody', 2);
      expect(claimed.map(({ tenantId }) => tenantId).toSorted()).toEqual(['ten_a', 'ten_other']);
      expect(claimed.map(({ id }) => id)).toContain(single.run.id);
    });

    it('take no more than they may, and none of the tenants that have their share', async () => {
      const one = processOf(new FakeWorld(), { runWorkers: false });
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
      const one = processOf(world);
      await one.workers.start(ctx.logger);
      for (let n = 0; n < 6; n++) await Promise.all(Array.from({ length: 50 }, () => start(one, 'background')));
      await waitUntil(() => one.engine.load >= 200);
      const late = contextOf('ten_late');
      const { settled } = await one.service.start(late, { agentId: 'a', input: { text: '?' } }, 'background');
      expect((await settled(5000)).status).toBe('succeeded');
      await one.workers.stop(AbortSignal.abort());
    });
  });

  it('starts the run of one tenant while callers of another wait for as many as they may and queue for more', async () => {
    const world = new FakeWorld();
    world.respond = (_request, { tenantId }) => (tenantId === 'ten_late' ? replyOf('served') : never());
    const one = processOf(world);
    await one.workers.start(ctx.logger);
    for (let n = 0; n < 6; n++) await Promise.all(Array.from({ length: 50 }, () => start(one, 'wait')));
    expect(one.engine.load).toBeLessThanOrEqual(200);
    const late = contextOf('ten_late');
    for (const delivery of ['background', 'wait'] as const) {
      const { settled } = await one.service.start(late, { agentId: 'a', input: { text: '?' } }, delivery);
      expect((await settled(5000)).status).toBe('succeeded');
    }
    await one.workers.stop(AbortSignal.abort());
  });

  describe('a thread', () => {
    it('has one writer at a time: others queue in order, or are refused', async () => {
      const world = new FakeWorld();
      const first = gate();
      world.respond = async (_request, _ctx, _signal, n) => {
        if (n === 1) await first.opened;
        return replyOf(`answer ${n}`);
      };
      const one = processOf(world);
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
      const one = processOf(world);
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
      const one = processOf();
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
      const one = processOf(world);
      const begun = await start(one);
      const { threadId } = begun.run;
      const next = await start(one, 'wait', { threadId, input: { text: 'instead' }, onBusy: 'rollback' });
      expect((await begun.settled(5000)).status).toBe('cancelled');
      expect((await takeOver(one, next.run.id)).status).toBe('succeeded');
      const said = await sql('SELECT text FROM messages WHERE thread_id = $1 ORDER BY turn, place', [threadId]);
      expect(said.map(({ text }) => text)).toEqual(['instead', 'ok']);
    });

    it("refuses one that does not exist, or is another tenant's", async () => {
      const one = processOf();
      await expect(start(one, 'wait', { threadId: 'thr_none' })).rejects.toMatchObject({ code: 'thread_not_found' });
      const { threadId } = await finish(one);
      const foreign = one.service.start(contextOf('ten_b'), { agentId: 'a', threadId, input: { text: '?' } }, 'wait');
      await expect(foreign).rejects.toMatchObject({ code: 'thread_not_found' });
    });
  });
});
