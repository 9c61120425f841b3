import type { RunStart } from './commit/run-start.statement.js';
import { FakeWorld, type Harness } from './run-harness.js';
import { EVENTS_OF_ONE_CALL, useRunFixture } from './spec-fixture/run-fixture.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Something to wait for, and what fulfils or breaks it. */
function promise() {
  let keep = () => {};
  let fail = (_error: Error) => {};
  const kept = new Promise<void>((resolve, reject) => ([keep, fail] = [resolve, reject]));
  return { kept, keep, fail };
}

describe('a run whose start is still being committed', () => {
  const { database, sql, processOf, start: startIn } = useRunFixture();
  let world: FakeWorld;
  let house: Harness;
  /** What the database does with starts: nothing, until it is told to. */
  let commit: ReturnType<typeof promise>;

  beforeEach(() => {
    world = new FakeWorld();
    house = processOf(world);
    commit = promise();
    const { committer } = house;
    const start = committer.start.bind(committer);
    jest.spyOn(committer, 'start').mockImplementation(async (run: RunStart) => {
      await commit.kept;
      return start(run);
    });
  });

  afterEach(() => jest.restoreAllMocks());

  const start = (more: object = {}) => startIn(house, 'wait', more);
  const countOf = (table: string) => sql(`SELECT count(*)::int AS n FROM ${table}`);
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await turn();
  };

  it('asks its model already, and is written down as any other', async () => {
    const starting = start();
    await until(() => world.requests.length === 1);
    commit.keep();
    const { run, settled } = await starting;
    expect(await settled(5000)).toMatchObject({ status: 'succeeded', output: { text: 'hello' } });
    const events = await sql('SELECT seq, type FROM run_events WHERE run_id = $1 ORDER BY seq', [run.id]);
    expect(events.map(({ seq, type }) => `${seq} ${type}`)).toEqual(EVENTS_OF_ONE_CALL);
    expect(world.requests).toHaveLength(1);
  });

  it('is not answered before it is committed, however fast its model was', async () => {
    let answered = false;
    const starting = start().then((started) => {
      answered = true;
      return started;
    });
    await until(() => world.requests.length === 1);
    for (let i = 0; i < 20; i++) await turn();
    expect(answered).toBe(false);
    commit.keep();
    await (await starting).settled(5000);
  });

  it('reads the time of its commit on its own clock', async () => {
    let now = 0;
    world.run = async (run) => {
      now = await run.now();
      return { text: '', citations: [] };
    };
    const starting = start();
    commit.keep();
    const { run, settled } = await starting;
    await settled(5000);
    expect(now).toBe(run.startedAt!.getTime());
  });

  it.each(['look', 'store', 'pay'])('calls no tool before, not even %s', async (tool) => {
    world.run = async (run) => {
      await run.tool({ id: 'call_1', tool, input: {} });
      return { text: 'done', citations: [] };
    };
    const starting = start();
    for (let i = 0; i < 20; i++) await turn();
    expect(world.calls).toHaveLength(0);
    commit.keep();
    expect(await (await starting).settled(5000)).toMatchObject({ status: 'succeeded' });
    expect(world.calls).toHaveLength(1);
  });

  it('lets go of its model when nothing comes of the commit, and leaves no trace', async () => {
    const before = await countOf('runs');
    let reason: unknown;
    world.respond = (_request, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          reject(signal.reason);
        });
      });
    const starting = start();
    await until(() => world.requests.length === 1);
    commit.fail(new Error('no database'));
    await expect(starting).rejects.toThrow('no database');
    await until(() => house.engine.load === 0);
    expect(reason).toMatchObject({ name: 'LeaseLostError' });
    expect(await countOf('runs')).toEqual(before);
  });

  it('writes nothing when its agent has ended and nothing comes of the commit', async () => {
    const before = await countOf('run_events');
    const starting = start();
    await until(() => world.requests.length === 1);
    for (let i = 0; i < 20; i++) await turn();
    commit.fail(new Error('no database'));
    await expect(starting).rejects.toThrow('no database');
    await until(() => house.engine.load === 0);
    expect(await countOf('run_events')).toEqual(before);
  });

  it('waits on a thread where others may be at work', async () => {
    commit.keep();
    const { run, settled } = await start();
    await settled(5000);
    commit = promise();
    const starting = start({ threadId: run.threadId });
    for (let i = 0; i < 20; i++) await turn();
    expect(world.requests).toHaveLength(1);
    commit.keep();
    await (await starting).settled(5000);
    expect(world.requests[1]!.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  });

  it('waits after one that failed, until the database takes starts again', async () => {
    jest.restoreAllMocks();
    const down = Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
    const query = jest.spyOn(database().pool, 'query');
    query.mockRejectedValueOnce(down as never);
    await expect(start()).rejects.toThrow('down');
    expect(world.requests.length).toBe(1);
    query.mockRejectedValueOnce(down as never);
    await expect(start()).rejects.toThrow('down');
    expect(world.requests.length).toBe(1);
    await (await start()).settled(5000);
    await (await start()).settled(5000);
    expect(world.requests.length).toBe(3);
  });
});
