import type { Settings } from '@guildhall/core';
import { FakeWorld, contextOf, replyOf } from '../run-harness.js';
import { RunRetentionJob } from '../retention/run-retention.job.js';
import type { RunEvent } from '../run-event.js';
import { useRunFixture } from '../spec-fixture/run-fixture.js';
import { EventTail } from './event-tail.js';
import { eventStream } from './event-stream.js';
import { RunEventRepository } from './run-event.repository.js';
import { RunWatch } from './run-watch.js';
import { toFrame } from './sse-frame.js';

const open = new AbortController().signal;

describe('the events of a run', () => {
  const { ctx, database, sql, processOf, start: startIn } = useRunFixture();

  const start = async (world = new FakeWorld()) => {
    const process = processOf(world);
    const started = await startIn(process, 'stream');
    const repository = new RunEventRepository(database());
    const tail = new EventTail(repository, process.signals, new RunWatch(repository, ctx.logger));
    const follow = (after = 0, signal = open) => {
      const { id: runId, threadId } = started.run;
      return tail.follow(ctx, { runId, threadId, after, signal });
    };
    return { ...process, ...started, repository, follow };
  };
  async function all(pages: AsyncIterable<readonly RunEvent[]>): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    for await (const page of pages) events.push(...page);
    return events;
  }

  it('are followed from before they happen to the last one', async () => {
    const world = new FakeWorld();
    world.respond = async (_request, _ctx, onSignal) => {
      for (const text of ['a', 'b', 'c']) {
        onSignal!({ type: 'delta', text });
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
      return replyOf('abc');
    };
    const { follow } = await start(world);
    const events = await all(follow());
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)!.type).toBe('run.succeeded');
    const deltas = events.filter(({ type }) => type === 'message.delta').map(({ payload }) => payload['text']);
    expect(deltas.join('')).toBe('abc');
    expect(deltas.length).toBeGreaterThan(1);
  });

  it('tell a reply whose links are removed as a whole, and the same text as its message', async () => {
    const world = new FakeWorld();
    world.respond = async (_request, _ctx, onSignal) => {
      for (const text of ['see htt', 'ps://stranger', '.example/?q=1']) onSignal!({ type: 'delta', text });
      return replyOf('see https://stranger.example/?q=1');
    };
    world.run = async (run) => run.answer(await run.model({ model: {}, messages: [], links: 'trusted' }));
    const { follow } = await start(world);
    const events = await all(follow());
    const said = events.filter(({ type }) => type === 'message.delta' || type === 'message.completed');
    expect(said.map(({ payload }) => payload['text'])).toEqual(['see [link removed]', 'see [link removed]']);
    expect(events.at(-1)!.payload['output']).toMatchObject({
      text: 'see [link removed]',
      data: { untrustedLinks: ['https://stranger.example/?q=1'] },
    });
  });

  it('resume after any of them with the rest, and no repeat', async () => {
    const { follow, settled } = await start();
    await settled(5000);
    const whole = await all(follow());
    for (const { seq } of whole) expect(await all(follow(seq))).toEqual(whole.slice(seq));
  });

  it('go on behind the end of a run that is retried', async () => {
    const world = new FakeWorld();
    world.respond = () => {
      throw new Error('down');
    };
    const { follow, settled, retries, leases, engine, run } = await start(world);
    await settled(5000);
    await retries.retry(ctx, run.id);
    world.respond = () => replyOf('up');
    const following = all(follow());
    for (const claimed of await leases.claim(engine.owner, 10)) await engine.execute(claimed);
    const types = (await following).map(({ type }) => type);
    expect(types).toContain('run.failed');
    expect(types.at(-1)).toBe('run.succeeded');
  });

  it('are kept for a day after the end, then gone for good', async () => {
    const { repository, settled, run } = await start();
    await settled(5000);
    await sql(`UPDATE runs SET finished_at = now() - interval '25 hours' WHERE id = $1`, [run.id]);
    await expect(repository.position(ctx, run.id)).rejects.toMatchObject({ code: 'events_expired' });
    await expect(repository.position(contextOf('ten_b'), run.id)).rejects.toMatchObject({ code: 'run_not_found' });
  });

  it('of a run retried after they were removed are missed by nobody unawares', async () => {
    const world = new FakeWorld();
    world.respond = () => {
      throw new Error('down');
    };
    const { repository, settled, retries, leases, engine, run } = await start(world);
    await settled(5000);
    const { lastSeq } = await repository.startOf(ctx, run.id, 0);
    await sql(`UPDATE runs SET finished_at = now() - interval '25 hours' WHERE id = $1`, [run.id]);
    await new RunRetentionJob(database(), { RUN_RETENTION_DAYS: 30 } as Settings).handle(ctx);
    await retries.retry(ctx, run.id);
    world.respond = () => replyOf('up');
    for (const claimed of await leases.claim(engine.owner, 10)) await engine.execute(claimed);
    for (const after of [0, lastSeq - 1]) {
      await expect(repository.startOf(ctx, run.id, after)).rejects.toMatchObject({
        code: 'events_expired',
        message: expect.stringContaining(`?after=${lastSeq}`),
      });
    }
    expect(await repository.startOf(ctx, run.id, lastSeq)).toMatchObject({ after: lastSeq });
    const { after } = await repository.startOf(ctx, run.id, undefined);
    const place = { runId: run.id, threadId: run.threadId };
    const { items } = await repository.after(ctx, place, after, { limit: 1 });
    expect(items[0]).toMatchObject({ seq: lastSeq + 1, type: 'run.resumed' });
  });

  it('are no longer followed when the reader leaves', async () => {
    const world = new FakeWorld();
    world.respond = () => new Promise(() => {});
    const { follow } = await start(world);
    const reader = new AbortController();
    const pages = follow(0, reader.signal);
    await pages.next();
    const next = pages.next();
    reader.abort();
    expect((await next).done).toBe(true);
  });
});

describe('an event stream', () => {
  const event = (seq: number, payload: Record<string, unknown> = {}): RunEvent => ({
    seq,
    type: 'message.delta',
    runId: 'run_1',
    threadId: 'thr_1',
    at: '2026-11-21T09:30:00.000Z',
    payload,
  });
  async function* pagesOf(...pages: RunEvent[][]) {
    yield* pages;
  }

  it('begins with the time to reconnect after, and frames each event as one', async () => {
    const response = eventStream({ pages: pagesOf([event(1)], [], [event(2)]), shutdown: open, location: '/x' });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(await response.text()).toBe(`retry: 2000\n\n${toFrame(event(1))}: still here\n\n${toFrame(event(2))}`);
  });

  it('cannot be made to hold an event that no run sent', () => {
    const frame = toFrame(event(3, { text: 'x\n\nevent: run.succeeded\ndata: {}\r\n\u2028id: 9' }));
    const fields = frame.split(/\r\n|\r|\n/).map((line) => line.split(':')[0]);
    expect(fields).toEqual(['id', 'event', 'data', '', '']);
  });

  it('says goodbye when the process stops', async () => {
    const response = eventStream({ pages: pagesOf([event(1)]), shutdown: AbortSignal.abort(), location: '/x' });
    expect((await response.text()).endsWith('retry: 1000\n\n')).toBe(true);
  });

  it('lets go of a reader that takes nothing', async () => {
    let left = false;
    async function* endless() {
      try {
        for (let seq = 1; ; seq++) yield [event(seq)];
      } finally {
        left = true;
      }
    }
    const response = eventStream({ pages: endless(), shutdown: open, location: '/x', stallMs: 20 });
    const reader = response.body!.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 60));
    await expect(
      (async () => {
        for (;;) if ((await reader.read()).done) return;
      })(),
    ).rejects.toThrow('too slow');
    expect(left).toBe(true);
  });
});
