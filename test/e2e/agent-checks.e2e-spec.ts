import { type TestTenant, testTenant } from '@guildhall/testing';

interface Fault {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

let house: TestTenant;

beforeAll(async () => {
  house = await testTenant();
});

afterAll(() => house?.close());

const validate = async (definition: object): Promise<readonly Fault[]> => {
  const { status, body } = await house.post('/api/v1/agents/validate', definition);
  expect(status).toBe(200);
  expect(body.data.valid).toBe(body.data.faults.length === 0);
  return body.data.faults;
};
const collection = async (): Promise<string> =>
  (await house.post('/api/v1/collections', { name: 'Handbook' })).body.data.id;

describe("the filter of an agent's knowledge", () => {
  it.each([
    [{ year: 1 }, 'filter.year'],
    [{ 'metadata.year': { $gt: 1 } }, 'filter.metadata.year'],
    [{ 'metadata.team': { in: 'a' } }, 'filter.metadata.team.in'],
  ])('is refused where a query refuses it, with the same fault: %j', async (filter, path) => {
    const collectionId = await collection();
    const queried = await house.post(`/api/v1/collections/${collectionId}/query`, { query: 'x', filter });
    const [fault] = queried.body.error.details as [Fault];
    expect([queried.status, fault.path]).toEqual([400, path]);

    const definition = { name: 'librarian', knowledge: [{ collectionId }, { collectionId, filter }] };
    const expected = { ...fault, path: `knowledge[1].${path}` };
    expect(await validate(definition)).toEqual([expected]);
    const created = await house.post('/api/v1/agents', definition);
    expect([created.status, created.body.error?.details]).toEqual([400, [expected]]);
    const { body } = await house.post('/api/v1/agents', { name: 'librarian' });
    const changed = await house.patch(`/api/v1/agents/${body.data.id}`, { knowledge: definition.knowledge });
    expect([changed.status, changed.body.error?.details]).toEqual([400, [expected]]);
  });

  it('is taken where a query takes it', async () => {
    const collectionId = await collection();
    const filters = [{}, { 'metadata.year': { gte: 2024 } }, { 'metadata.team': { in: ['a', 'b'] } }];
    const knowledge = filters.map((filter) => ({ collectionId, filter }));
    expect(await validate({ name: 'librarian', knowledge })).toEqual([]);
  });
});

describe('the provider that an agent pins', () => {
  it('is one that there is: created, validated and changed alike', async () => {
    const definition = { name: 'pinned', model: { provider: 'nobody', name: 'm' } };
    const fault = expect.objectContaining({ path: 'model.provider', code: 'invalid_reference' });
    expect(await validate(definition)).toEqual([fault]);
    const created = await house.post('/api/v1/agents', definition);
    expect([created.status, created.body.error?.code]).toEqual([400, 'invalid_reference']);
    const { body } = await house.post('/api/v1/agents', { name: 'pinned' });
    const changed = await house.patch(`/api/v1/agents/${body.data.id}`, { model: definition.model });
    expect([changed.status, changed.body.error?.details]).toEqual([400, [fault]]);
    expect(await validate({ ...definition, model: { provider: 'builtin', name: 'extractive' } })).toEqual([]);
  });
});

describe('a change of an agent', () => {
  it('asks only for what it newly names: what has gone since does not stop it', async () => {
    const [gone, other] = [await collection(), await collection()];
    const { body } = await house.post('/api/v1/agents', { name: 'librarian', knowledge: [{ collectionId: gone }] });
    const change = async (fields: object) => {
      const answer = await house.patch(`/api/v1/agents/${body.data.id}`, fields);
      return [answer.status, answer.body.error?.details?.map(({ path, code }: Fault) => `${path} ${code}`)];
    };
    await house.delete(`/api/v1/collections/${gone}`);
    expect(await change({ description: 'Lends' })).toEqual([200, undefined]);
    expect(await change({ knowledge: [{ collectionId: other }, { collectionId: gone, topK: 3 }] })).toEqual([
      200,
      undefined,
    ]);
    expect(await change({ knowledge: [{ collectionId: other }] })).toEqual([200, undefined]);
    expect(await change({ knowledge: [{ collectionId: other }, { collectionId: gone }] })).toEqual([
      400,
      ['knowledge[1].collectionId invalid_reference'],
    ]);
    expect(await change({ tools: ['calculator', 'abacus'] })).toEqual([400, ['tools[1] invalid_reference']]);
  });
});
