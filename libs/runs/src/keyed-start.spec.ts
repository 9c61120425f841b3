import { type TestDatabase, testDatabase } from '@guildhall/testing';
import type { DataSource } from 'typeorm';
import { OneRunPerRequest1763800330000 } from './migrations/0006-one-run-per-request.js';
import { RUN_MIGRATIONS } from './migrations/run-migrations.js';
import { FakeWorld, contextOf } from './run-harness.js';
import type { Delivery } from './run.service.js';
import { useEngineFixture } from './spec-fixture/engine-fixture.js';
import { never } from './spec-fixture/run-fixture.js';

const body = { agentId: 'agt_test', input: { text: 'hi' } };
const keyed = (key: string) => ({ ...contextOf(), idempotencyKey: key });

const { ctx, database, sql, processOf, start } = useEngineFixture();

describe('a keyed request to start a run', () => {
  const runsOf = (key: string) => sql('SELECT id, status FROM runs WHERE request_key = $1', [key]);

  /** Keeps the next start from the database until it is let go. */
  function holdNextStart() {
    const { pool } = database();
    const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<unknown>;
    let letGo: () => void = () => {};
    let held: () => void = () => {};
    const released = new Promise<void>((resolve) => (letGo = resolve));
    const isHeld = new Promise<void>((resolve) => (held = resolve));
    const spy = jest.spyOn(pool, 'query');
    spy.mockImplementation((async (config: { name?: string }, ...rest: unknown[]) => {
      if (config.name !== 'run_start') return query(config, ...rest);
      spy.mockRestore();
      held();
      await released;
      return query(config, ...rest);
    }) as never);
    return { isHeld, letGo };
  }

  it.each<Delivery>(['background', 'wait', 'stream'])(
    'that was given up for dead starts no second run when it goes on after all: %s',
    async (delivery) => {
      const ctx = keyed(`late-${delivery}`);
      const [one, another] = [processOf(), processOf()];
      const { isHeld, letGo } = holdNextStart();
      const late = one.service.start(ctx, body, delivery);
      await isHeld;
      const { run } = await another.service.start(ctx, body, delivery);
      letGo();
      expect((await late).run.id).toBe(run.id);
      expect(await runsOf(ctx.idempotencyKey)).toHaveLength(1);
    },
  );

  it('that comes too late costs no other in its batch its run', async () => {
    const { service } = processOf();
    const ctxs = ['neighbour-1', 'twice', 'twice', 'neighbour-2'].map(keyed);
    const started = await Promise.all(ctxs.map((ctx) => service.start(ctx, body, 'background')));
    expect(started[1]!.run.id).toBe(started[2]!.run.id);
    for (const key of ['neighbour-1', 'twice', 'neighbour-2']) expect(await runsOf(key)).toHaveLength(1);
  });

  it('is refused where its key started a run of another request, whose answer was not kept', async () => {
    const { service } = processOf();
    const { run } = await service.start(keyed('other'), body, 'background');
    const other = { ...body, input: { text: 'ho' } };
    await expect(service.start(keyed('other'), other, 'background')).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    expect((await service.start(keyed('other'), body, 'background')).run.id).toBe(run.id);
  });

  it('starts a run of its own for each actor of the tenant', async () => {
    const { service } = processOf();
    const colleague = { ...keyed('shared'), actor: { ...keyed('shared').actor, id: 'key_colleague' } };
    const [mine, theirs] = [keyed('shared'), colleague].map((ctx) => service.start(ctx, body, 'background'));
    expect((await mine!).run.id).not.toBe((await theirs!).run.id);
    expect((await service.start(colleague, body, 'background')).run.id).toBe((await theirs!).run.id);
  });

  it('starts another run a day later, when its key may be used again', async () => {
    const { service } = processOf();
    const { run } = await service.start(keyed('daily'), body, 'background');
    await sql(`UPDATE runs SET created_at = now() - interval '25 hours' WHERE id = $1`, [run.id]);
    const next = await service.start(keyed('daily'), body, 'background');
    expect(next.run.id).not.toBe(run.id);
    expect(await runsOf('daily')).toEqual([{ id: next.run.id, status: 'queued' }]);
  });
});

describe('a keyed request that is repeated after its process died', () => {
  afterEach(() => jest.restoreAllMocks());

  /** A run at work, and a keyed request behind it whose process died when its own run was committed. */
  async function diedBeforeItMadeWay(onBusy: 'enqueue' | 'interrupt' | 'rollback') {
    const world = new FakeWorld();
    world.respond = never;
    const process = processOf(world);
    const { run: active } = await start(process);
    const instead = { ...body, threadId: active.threadId, onBusy };
    const repeat = () => process.service.start(keyed(`key of ${active.id}`), instead, 'background');
    if (onBusy === 'enqueue') await repeat();
    else {
      jest.spyOn(process.control, 'clearThread').mockRejectedValueOnce(new Error('died'));
      await expect(repeat()).rejects.toThrow('died');
    }
    return { process, active, repeat };
  }

  it.each(['interrupt', 'rollback'] as const)('makes way for its run, where it is to %s', async (onBusy) => {
    const { process, active, repeat } = await diedBeforeItMadeWay(onBusy);
    const { run } = await repeat();
    expect((await process.runs.get(ctx, active.id)).status).toBe('cancelled');
    // The thread is handed on when the engine has let go, which nobody waits for; the sweep does so too.
    await process.sweeper.sweep(ctx);
    const claimed = await process.leases.claim(process.engine.owner, 10);
    expect(claimed.map(({ id }) => id)).toEqual([run.id]);
  });

  it('leaves the run before it alone, where it is to queue', async () => {
    const { process, active, repeat } = await diedBeforeItMadeWay('enqueue');
    expect((await repeat()).run.status).toBe('queued');
    expect((await process.runs.get(ctx, active.id)).status).toBe('running');
  });
});

describe('runs of an older release that have one key', () => {
  let testing: TestDatabase;
  let source: DataSource;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: RUN_MIGRATIONS.slice(0, 4) });
    ({ source } = await testing.connect());
  });
  afterAll(() => testing.close());

  it('leave it to the newest of their tenant', async () => {
    const rows = [
      ['run_1', 'ten_a', 'k'],
      ['run_2', 'ten_a', 'k'],
      ['run_3', 'ten_b', 'k'],
      ['run_4', 'ten_a', 'other'],
      ['run_5', 'ten_a', null],
      ['run_6', 'ten_a', 'k'],
    ];
    for (const row of rows) {
      await source.query(
        `INSERT INTO runs (id, tenant_id, request_key, thread_id, agent_id, agent_version, status, ready, turn, input,
           origin, streamed, last_seq) VALUES ($1, $2, $3, 'thr', 'agt', 1, 'succeeded', false, 1, '{}', '{}', false, 1)`,
        row,
      );
    }
    const runner = source.createQueryRunner();
    await runner.startTransaction();
    await new OneRunPerRequest1763800330000().up(runner);
    await runner.commitTransaction();
    await runner.release();
    const kept = await source.query('SELECT id FROM runs WHERE request_key IS NOT NULL ORDER BY id');
    expect(kept.map(({ id }: { id: string }) => id)).toEqual(['run_3', 'run_4', 'run_6']);
  });
});
