import { type TestTenant, type TestResponse, testTenant } from '@guildhall/testing';

/** Documents with an `acl` on the routes that name no groups. */

interface Made {
  readonly collectionId: string;
  readonly openId: string;
  readonly secretId: string;
}

const SECRET = 'The salaries of all goldsmiths are doubled.';
const ACL = ['group:hr'];
/** A well-formed id that nobody has. */
const UNKNOWN = 'doc_01jd3fz8r0tq4v7m2x9s5n6k8p';

let house: TestTenant;
/** May read and write, but not name groups. */
let clerk: string;
/** May name groups as well. */
let officer: string;

beforeAll(async () => {
  house = await testTenant();
  const keyWith = async (...scopes: string[]): Promise<string> =>
    (await house.post('/api/v1/api-keys', { name: 'test', scopes })).body.data.key;
  clerk = await keyWith('knowledge:read', 'knowledge:write');
  officer = await keyWith('knowledge:read', 'knowledge:write', 'knowledge:groups');
});

afterAll(() => house?.close());

const collection = async (): Promise<string> =>
  (await house.post('/api/v1/collections', { name: 'Test' })).body.data.id;

const add = (key: string, collectionId: string, body: object): Promise<TestResponse> =>
  house.post(`/api/v1/collections/${collectionId}/documents`, body, { key, headers: { prefer: 'wait=30' } });

async function fill(): Promise<Made> {
  const collectionId = await collection();
  const open = await add(officer, collectionId, { title: 'Lunch', text: 'Lunch is at noon.' });
  const secret = await add(officer, collectionId, { title: 'Salaries', text: SECRET, acl: ACL });
  return { collectionId, openId: open.body.data.id, secretId: secret.body.data.id };
}

const documentPath = (id: string) => `/api/v1/documents/${id}`;
const memberPath = ({ collectionId }: Made, id: string) => `/api/v1/collections/${collectionId}/documents/${id}`;

type Route = readonly [name: string, send: (made: Made, id: string, key: string) => Promise<TestResponse>];

const ROUTES: readonly Route[] = [
  ['GET /documents/{id}', (_made, id, key) => house.get(documentPath(id), { key })],
  ['GET /documents/{id}/text', (_made, id, key) => house.get(`${documentPath(id)}/text`, { key })],
  ['GET /documents/{id}/chunks', (_made, id, key) => house.get(`${documentPath(id)}/chunks`, { key })],
  ['GET in its collection', (made, id, key) => house.get(memberPath(made, id), { key })],
  ['PATCH of its metadata', (made, id, key) => house.patch(memberPath(made, id), { metadata: { a: 1 } }, { key })],
  ['PATCH of its acl', (made, id, key) => house.patch(memberPath(made, id), { acl: null }, { key })],
  ['DELETE /documents/{id}', (_made, id, key) => house.delete(documentPath(id), { key })],
  ['DELETE in its collection', (made, id, key) => house.delete(memberPath(made, id), { key })],
];

/** Status and failure, whatever the id was. */
const failure = ({ status, body }: TestResponse, id: string) => [
  status,
  JSON.stringify(body.error ?? body.data).replaceAll(id, '<id>'),
];

describe('a document with an acl, by its id', () => {
  it.each(ROUTES)('%s: does not exist for a key that may not name groups', async (_name, send) => {
    const made = await fill();
    const before = (await house.get(documentPath(made.secretId), { key: officer })).body.data;
    const hidden = failure(await send(made, made.secretId, clerk), made.secretId);
    expect(hidden[0]).toBe(404);
    expect(hidden).toEqual(failure(await send(made, UNKNOWN, clerk), UNKNOWN));
    expect((await house.get(documentPath(made.secretId), { key: officer })).body.data).toEqual(before);
  });

  it.each(ROUTES)('%s: is there for a key that may, and for an administrator', async (_name, send) => {
    for (const key of [officer, house.apiKey]) {
      const made = await fill();
      expect((await send(made, made.secretId, key)).status).toBe(200);
    }
  });

  it.each(ROUTES)('%s: without an acl it is there for both', async (_name, send) => {
    for (const key of [clerk, officer]) {
      const made = await fill();
      expect((await send(made, made.openId, key)).status).toBe(200);
    }
  });

  it('is gone at once for a key that has just read it', async () => {
    const made = await fill();
    const paths = ['', '/text', '/chunks'].map((part) => `${documentPath(made.openId)}${part}`);
    const statuses = async () => Promise.all(paths.map(async (path) => (await house.get(path, { key: clerk })).status));
    expect(await statuses()).toEqual([200, 200, 200]);
    await house.patch(memberPath(made, made.openId), { acl: ACL }, { key: officer });
    expect(await statuses()).toEqual([404, 404, 404]);
  });
});

describe('a list', () => {
  const pages = async (path: string, key: string): Promise<{ titles: string[]; totals: number[] }> => {
    const [titles, totals]: [string[], number[]] = [[], []];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await house.get(`${path}?limit=1&total=true${cursor && `&cursor=${cursor}`}`, { key });
      titles.push(...body.data.map(({ title }: { title: string }) => title));
      totals.push(body.meta.pagination.total);
      cursor = body.meta.pagination.nextCursor;
    }
    return { titles, totals };
  };

  it('pages over and counts only what the key sees', async () => {
    const { collectionId } = await fill();
    await add(officer, collectionId, { title: 'Menu', text: 'Soup and bread.' });
    await add(officer, collectionId, { title: 'Bonuses', text: 'Bonuses are paid in May.', acl: ACL });
    const path = `/api/v1/collections/${collectionId}/documents`;
    expect(await pages(path, clerk)).toEqual({ titles: ['Menu', 'Lunch'], totals: [2, 2] });
    expect(await pages(path, officer)).toEqual({
      titles: ['Bonuses', 'Menu', 'Salaries', 'Lunch'],
      totals: [4, 4, 4, 4],
    });
    expect((await house.get(`${path}?status=ready`, { key: clerk })).body.data).toHaveLength(2);
  });

  it('of collections, and a collection itself, counts only what the key sees', async () => {
    const { collectionId } = await fill();
    const empty = await collection();
    const path = `/api/v1/collections/${collectionId}`;
    const counts = ({ documentCount, chunkCount }: Record<string, unknown>) => [documentCount, chunkCount];
    for (const [key, expected] of [
      [clerk, [1, 1]],
      [officer, [2, 2]],
    ] as const) {
      expect(counts((await house.get(path, { key })).body.data)).toEqual(expected);
      expect(counts((await house.patch(path, { metadata: { a: 1 } }, { key })).body.data)).toEqual(expected);
      const listed = (await house.get('/api/v1/collections?limit=2', { key })).body.data;
      expect(listed.map(({ id }: { id: string }) => id)).toEqual([empty, collectionId]);
      expect(listed.map(counts)).toEqual([[0, 0], expected]);
    }
  });

  it('of jobs names no document to a key that is no administrator', async () => {
    const { secretId } = await fill();
    const { status, text } = await house.get('/api/v1/jobs?limit=100', { key: clerk });
    expect(status).toBe(200);
    expect(text).not.toContain(secretId);
  });
});

describe('the same content once more', () => {
  it.each([
    ['in the open', {}],
    ['for the same groups', { acl: ACL }],
  ])('is refused %s, without a word on the document with an acl', async (_how, fields) => {
    const { collectionId, secretId } = await fill();
    const before = (await house.get(documentPath(secretId), { key: officer })).body.data;
    const refused = await add(clerk, collectionId, { title: 'Guess', text: SECRET, ...fields });
    expect([refused.status, refused.body.error.code, refused.body.error.retryable]).toEqual([409, 'conflict', false]);
    expect(refused.headers.get('location')).toBeNull();
    for (const word of [secretId, 'Salaries', 'group:hr']) expect(refused.text).not.toContain(word);
    expect((await house.get(documentPath(secretId), { key: officer })).body.data).toEqual(before);
  });

  it('is refused for a URL too, and fetches nothing again', async () => {
    const collectionId = await collection();
    const url = 'http://169.254.169.254/salaries';
    const secret = await add(officer, collectionId, { title: 'Salaries', url, acl: ACL });
    expect((await add(clerk, collectionId, { title: 'Guess', url })).status).toBe(409);
    const { data } = (await house.get(documentPath(secret.body.data.id), { key: officer })).body;
    expect(data.updatedAt).toBe(secret.body.data.updatedAt);
  });

  it('is the same document for a key that may name groups', async () => {
    const { collectionId, secretId } = await fill();
    const again = await add(officer, collectionId, { title: 'Again', text: SECRET });
    expect([again.status, again.body.data]).toMatchObject([200, { id: secretId, title: 'Salaries', acl: ACL }]);
  });
});

describe('a key that may not name groups', () => {
  it('may add a document for some, sees the answer to that, and no more of it', async () => {
    const collectionId = await collection();
    const waited = await add(clerk, collectionId, { title: 'Mine', text: 'It is mine.', acl: ACL });
    expect([waited.status, waited.body.data]).toMatchObject([201, { title: 'Mine', status: 'ready', acl: ACL }]);
    const body = { title: 'Also mine', text: 'It is mine as well.', acl: ACL };
    const path = `/api/v1/collections/${collectionId}/documents`;
    expect((await house.post(path, body, { key: clerk })).status).toBe(202);
    expect((await house.get(documentPath(waited.body.data.id), { key: clerk })).status).toBe(404);
    expect((await house.get(documentPath(waited.body.data.id), { key: officer })).status).toBe(200);
    expect((await house.get(path, { key: clerk })).body.data).toEqual([]);
  });

  it('may restrict a document that it sees, and cannot open it again', async () => {
    const made = await fill();
    const restricted = await house.patch(memberPath(made, made.openId), { acl: ACL }, { key: clerk });
    expect([restricted.status, restricted.body.data]).toMatchObject([200, { title: 'Lunch', acl: ACL }]);
    expect((await house.patch(memberPath(made, made.openId), { acl: null }, { key: clerk })).status).toBe(404);
    const opened = await house.patch(memberPath(made, made.openId), { acl: null }, { key: officer });
    expect(opened.body.data).not.toHaveProperty('acl');
    expect((await house.get(documentPath(made.openId), { key: clerk })).status).toBe(200);
  });

  it('may delete a collection with all that is in it', async () => {
    const { collectionId, secretId } = await fill();
    expect((await house.delete(`/api/v1/collections/${collectionId}`, { key: clerk })).status).toBe(200);
    expect((await house.get(documentPath(secretId), { key: officer })).status).toBe(404);
  });
});

describe('a run', () => {
  it('cites a document with an acl for its groups, and for nobody else', async () => {
    const { collectionId, secretId } = await fill();
    const fields = { name: 'payroll', instructions: 'Answer and cite.', knowledge: [{ collectionId }] };
    const agentId = (await house.post('/api/v1/agents', fields)).body.data.id;
    const cited = async (context: object) => {
      const body = { agentId, input: 'What happens to the salaries of goldsmiths?', context };
      const { body: answer } = await house.post('/api/v1/runs', body, { headers: { prefer: 'wait=30' } });
      return answer.data.output.citations.map(({ documentId }: { documentId: string }) => documentId);
    };
    expect(await cited({ groups: ACL })).toEqual([secretId]);
    expect(await cited({})).toEqual([]);
  });
});
