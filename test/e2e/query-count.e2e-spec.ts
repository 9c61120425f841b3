import { type TestTenant, testTenant } from '@guildhall/testing';

const MANY = 50;

describe('the statements that a request takes', () => {
  let house: TestTenant;
  let agentId: string;
  let collectionId: string;
  beforeAll(async () => {
    house = await testTenant();
    agentId = await create('/agents', { name: 'agent' });
    collectionId = await create('/collections', { name: 'handbook' });
  });
  afterAll(() => house?.close());

  const create = async (path: string, body: object): Promise<string> => {
    const answer = await house.post(`/api/v1${path}`, body);
    if (answer.status >= 300) throw new Error(answer.text);
    return answer.body.data.id as string;
  };
  const list = async (path: string) => {
    const answers = [await house.get(`/api/v1${path}`), await house.get(`/api/v1${path}`)];
    // A key is looked up anew every few seconds: that statement is not the list's.
    const queries = Math.min(...answers.map(({ headers }) => Number(headers.get('x-query-count'))));
    return { rows: (answers[0]!.body.data as unknown[]).length, queries };
  };

  const kinds = {
    agents: { path: () => '/agents', make: (n: number) => create('/agents', { name: `agent ${n}` }) },
    versions: {
      path: () => `/agents/${agentId}/versions`,
      make: () => create(`/agents/${agentId}/versions`, {}),
    },
    threads: { path: () => '/threads', make: (n: number) => create('/threads', { title: `thread ${n}` }) },
    runs: {
      path: () => '/runs',
      make: () => create('/runs', { agentId, input: 'Hello?' }),
    },
    collections: { path: () => '/collections', make: (n: number) => create('/collections', { name: `c${n}` }) },
    documents: {
      path: () => `/collections/${collectionId}/documents`,
      make: (n: number) => create(`/collections/${collectionId}/documents`, { title: `d${n}`, text: `Text ${n}` }),
    },
  };

  it.each(Object.entries(kinds))('are as many for one of the %s as for fifty', async (_kind, { path, make }) => {
    await make(0);
    const few = await list(`${path()}?limit=1`);
    for (let n = 1; n < MANY; n++) await make(n);
    const many = await list(`${path()}?limit=${MANY}`);
    expect([few.rows, many.rows]).toEqual([1, MANY]);
    expect(few.queries).toBeGreaterThan(0);
    expect(few.queries).toBeLessThanOrEqual(3);
    expect(many.queries).toBe(few.queries);
  });

  it('are counted for each request by itself, however many wait for a connection', async () => {
    await list('/agents?limit=5');
    // More than there are connections, and fewer than a tenant may have under way.
    const counts = await Promise.all(Array.from({ length: 60 }, () => list('/agents?limit=5')));
    // One more for whoever has the key looked up again: what is remembered of it may grow old in a crowd.
    const least = Math.min(...counts.map(({ queries }) => queries));
    expect(counts.filter(({ queries }) => queries > least + 1)).toEqual([]);
  });
});
