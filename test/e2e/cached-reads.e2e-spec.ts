import { pluginOf } from '@guildhall/sdk';
import { type TestApp, type TestDatabase, startTestApp, testDatabase } from '@guildhall/testing';
import { Cache } from '@guildhall/core';
import { FIRST_PARTY } from '../../apps/shared/src/first-party.js';

const level = async (house: TestApp, path: string) => {
  const { status, headers, body } = await house.get(`/api/v1${path}`);
  return { status, cache: headers.get('x-cache'), data: body.data };
};

async function fill(house: TestApp) {
  const make = async (path: string, body: object): Promise<string> => {
    const answer = await house.post(`/api/v1${path}`, body, { headers: { prefer: 'wait=20' } });
    if (answer.status >= 300) throw new Error(answer.text);
    return answer.body.data.id as string;
  };
  const agentId = await make('/agents', { name: 'agent', instructions: 'Help.' });
  const collectionId = await make('/collections', { name: 'handbook' });
  const documentId = await make(`/collections/${collectionId}/documents`, { title: 'Walrus', text: 'It swims.' });
  while ((await level(house, `/documents/${documentId}`)).data.status !== 'ready') await new Promise(setImmediate);
  return { agentId, collectionId, documentId };
}

describe('answers that are read through the cache', () => {
  let house: TestApp;
  let made: Awaited<ReturnType<typeof fill>>;
  beforeAll(async () => {
    house = await startTestApp();
    made = await fill(house);
  });
  afterAll(() => house?.close());

  it.each([
    ['a version of an agent', () => `/agents/${made.agentId}/versions/1`],
    ['the text of a document', () => `/documents/${made.documentId}/text`],
    ['the chunks of a document', () => `/documents/${made.documentId}/chunks`],
  ])('say where they came from: %s', async (_what, path) => {
    const first = await level(house, path());
    const second = await level(house, path());
    expect([first.cache, second.cache]).toEqual(['MISS', 'L1']);
    expect(second.data).toEqual(first.data);
  });

  it('load once for all who ask at the same time', async () => {
    const { agentId } = await fill(house);
    const path = `/agents/${agentId}/versions/1`;
    const answers = await Promise.all(Array.from({ length: 20 }, () => level(house, path)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ cache }) => cache)).has('MISS')).toBe(true);
  });

  it('have no such header where nothing is cached', async () => {
    expect((await level(house, `/agents/${made.agentId}`)).cache).toBeNull();
  });

  it('are new as soon as what they tell has changed', async () => {
    const { agentId } = made;
    await house.patch(`/api/v1/agents/${agentId}`, { instructions: 'Help more.' });
    await house.post(`/api/v1/agents/${agentId}/versions`, {});
    expect((await level(house, `/agents/${agentId}/versions/1`)).data.status).toBe('published');
    await house.post(`/api/v1/agents/${agentId}/versions/2/publish`);
    expect((await level(house, `/agents/${agentId}/versions/1`)).data.status).toBe('retired');
  });

  it('are gone with what they tell of', async () => {
    const { documentId } = await fill(house);
    const path = `/documents/${documentId}/text`;
    await level(house, path);
    expect((await level(house, path)).cache).toBe('L1');
    await house.delete(`/api/v1/documents/${documentId}`);
    expect((await level(house, path)).status).toBe(404);
  });
});

const redis = process.env['TEST_REDIS_URL'];
const onServers = process.env['TEST_DATABASE_URL'] !== undefined && redis !== undefined;

(onServers ? describe : describe.skip)('two processes on one database and one Redis', () => {
  let database: TestDatabase;
  let houses: TestApp[];
  const start = () => startTestApp({ database, settings: { REDIS_URL: redis } });
  beforeAll(async () => {
    database = await testDatabase({ migrations: FIRST_PARTY.flatMap((plugin) => pluginOf(plugin)?.migrations ?? []) });
    houses = [await start(), await start()];
  });
  afterAll(async () => {
    await Promise.all(houses?.map((house) => house.close()) ?? []);
    await database?.close();
  });
  const cacheOf = (house: TestApp) => house.app.get(Cache, { strict: false });

  it('share what one has loaded, and keep it over a restart', async () => {
    const [first, second] = houses as [TestApp, TestApp];
    const { agentId } = await fill(first);
    const path = `/agents/${agentId}/versions/1`;
    const levels = [await level(first, path), await level(first, path), await level(second, path)];
    expect(levels.map(({ cache }) => cache)).toEqual(['MISS', 'L1', 'L2']);
    expect(levels[2]!.data).toEqual(levels[0]!.data);
    const third = await start();
    expect((await level(third, path)).cache).toBe('L2');
    await third.close();
  });

  it('do not remember what another has changed or taken away', async () => {
    const [mine, theirs] = houses.map(cacheOf) as [Cache, Cache];
    for (const change of [() => mine.set('t:shared', 'new'), () => mine.delete('t:shared')]) {
      await mine.set('t:shared', 'old');
      await untilReads(theirs, 't:shared', 'old');
      await change();
      await untilReads(theirs, 't:shared', await mine.get('t:shared'));
    }
    for (const falsy of [false, 0, '', null]) {
      await mine.set('t:shared', falsy);
      await untilReads(theirs, 't:shared', falsy);
    }
  });
});

/** News takes a moment; a memory that keeps what it has would keep it for minutes. */
async function untilReads(cache: Cache, key: string, wanted: unknown): Promise<void> {
  const deadline = performance.now() + 5_000;
  while ((await cache.get(key)) !== wanted) {
    if (performance.now() > deadline) throw new Error(`Still ${JSON.stringify(await cache.get(key))}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
