import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestTenant, testTenant } from '@guildhall/testing';

/** Collections, documents and queries as a consumer sees them. */

interface UploadAnswer {
  readonly data: { id: string; title: string; fileName: string };
  readonly error: { code: string; message: string; details: { path: string }[] };
}

interface Hit {
  readonly chunkId: string;
  readonly documentId: string;
  readonly documentTitle: string;
  readonly text: string;
  readonly charStart: number;
  readonly charEnd: number;
  readonly headingPath: string[];
}

const HANDBOOK = `# Handbook

## Returns

Parcels may be returned within 30 days. Dr. Meier 🙂 checks every return.

## Shipping

| country | days |
|---------|------|
| France  | 3    |
| Japan   | 9    |
`;

let house: TestTenant;

beforeAll(async () => {
  house = await testTenant();
});

afterAll(() => house.close());

const collection = async (fields: object = {}): Promise<string> => {
  const { status, body } = await house.post('/api/v1/collections', { name: 'Test', ...fields });
  expect(status).toBe(201);
  return body.data.id;
};

const add = (collectionId: string, body: object) =>
  house.post(`/api/v1/collections/${collectionId}/documents`, body, { headers: { prefer: 'wait=30' } });

const query = async (collectionId: string, body: object): Promise<Hit[]> => {
  const response = await house.post(`/api/v1/collections/${collectionId}/query`, body);
  expect(response.status).toBe(200);
  return response.body.data.hits;
};

const keyWith = async (...scopes: string[]): Promise<string> =>
  (await house.post('/api/v1/api-keys', { name: 'test', scopes })).body.data.key;

const upload = async (collectionId: string, parts: Record<string, string | Blob>, fileName = 'file.md') => {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) {
    if (value instanceof Blob) form.append(name, value, fileName);
    else form.append(name, value);
  }
  const response = await fetch(new URL(`/api/v1/collections/${collectionId}/documents`, house.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${house.apiKey}`, prefer: 'wait=30' },
    body: form,
  });
  return { status: response.status, body: (await response.json()) as UploadAnswer };
};

describe('collections', () => {
  it('are created, read, changed, listed and deleted', async () => {
    const created = await house.post('/api/v1/collections', {
      name: 'Handbook',
      language: 'de',
      k1: 0.9,
      metadata: { a: 1 },
    });
    expect(created.status).toBe(201);
    const { id } = created.body.data;
    expect(created.headers.get('location')).toBe(`/api/v1/collections/${id}`);
    expect(created.body.data).toMatchObject({
      name: 'Handbook',
      language: 'german',
      k1: 0.9,
      b: 0.75,
      documentCount: 0,
      metadata: { a: 1 },
    });
    expect((await house.patch(`/api/v1/collections/${id}`, { name: 'New', b: 0.4 })).body.data).toMatchObject({
      name: 'New',
      b: 0.4,
      k1: 0.9,
    });
    expect((await house.get('/api/v1/collections?limit=1&total=true')).body).toMatchObject({
      data: [{ id, name: 'New' }],
      meta: { pagination: { count: 1, total: expect.any(Number) } },
    });
    expect((await house.delete(`/api/v1/collections/${id}`)).body.data).toEqual({ id, deleted: true });
    expect((await house.get(`/api/v1/collections/${id}`)).status).toBe(404);
    expect((await house.post(`/api/v1/collections/${id}/query`, { query: 'x' })).body.error.code).toBe(
      'collection_not_found',
    );
  });

  it.each([
    [{}, 'name'],
    [{ name: 'x', language: 'klingon' }, 'language'],
    [{ name: 'x', k1: -1 }, 'k1'],
    [{ name: 'x', b: 2 }, 'b'],
    [{ name: 'x', colour: 'red' }, 'colour'],
    [{ name: 'x', embedding: { provider: 'openai', model: 'small' } }, 'embedding'],
  ])('refuse %j and name the field', async (body, path) => {
    const { status, body: answer } = await house.post('/api/v1/collections', body);
    expect(status).toBe(400);
    expect(answer.error.details).toEqual(expect.arrayContaining([expect.objectContaining({ path })]));
  });
});

describe('a document', () => {
  it('is accepted at once, ingested by a job, and answers with its text and chunks', async () => {
    const id = await collection();
    const accepted = await house.post(`/api/v1/collections/${id}/documents`, {
      title: 'Handbook',
      text: HANDBOOK,
      metadata: { year: 2026 },
    });
    expect([accepted.status, accepted.body.data.status]).toEqual([202, 'queued']);
    const ready = await add(id, { title: 'Handbook', text: HANDBOOK });
    expect(ready.status).toBe(200);
    expect(ready.body.data).toMatchObject({
      id: accepted.body.data.id,
      status: 'ready',
      mediaType: 'text/markdown',
      chunkCount: 2,
      metadata: { year: 2026 },
    });
    expect(ready.body.data.tokenCount).toBeGreaterThan(10);
    const { text } = (await house.get(`/api/v1/documents/${ready.body.data.id}/text`)).body.data;
    expect(text).toBe(HANDBOOK);
    const chunks = (await house.get(`/api/v1/documents/${ready.body.data.id}/chunks`)).body;
    expect(chunks.data.map((chunk: Hit) => chunk.headingPath)).toEqual([
      ['Handbook', 'Returns'],
      ['Handbook', 'Shipping'],
    ]);
    for (const chunk of chunks.data) expect(chunk.text).toBe(text.slice(chunk.charStart, chunk.charEnd));
    const second = await house.get(
      `/api/v1/documents/${ready.body.data.id}/chunks?after=${chunks.data[0].ordinal}&limit=1`,
    );
    expect(second.body.data).toEqual([chunks.data[1]]);
  });

  it('is created when waited for, and the same when its bytes come again', async () => {
    const id = await collection();
    const first = await add(id, { title: 'A', text: 'The same bytes.' });
    const again = await add(id, { title: 'B', text: 'The same bytes.' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body.data).toEqual(first.body.data);
    expect((await house.get(`/api/v1/collections/${id}/documents?total=true`)).body.meta.pagination.total).toBe(1);
    expect((await add(await collection(), { title: 'A', text: 'The same bytes.' })).body.data.id).not.toBe(
      first.body.data.id,
    );
  });

  it('comes as a file with fields beside it', async () => {
    const id = await collection();
    const file = new Blob(['<h1>Opening hours</h1><p>We open at nine.</p><script>alert(1)</script>'], {
      type: 'text/html',
    });
    const { status, body } = await upload(
      id,
      { metadata: '{"lang":"en"}', acl: '["group:a"]', file },
      '../../etc/hours.html',
    );
    expect([status, body.data.title, body.data.fileName]).toEqual([201, 'hours.html', 'hours.html']);
    expect(body.data).toMatchObject({
      status: 'ready',
      mediaType: 'text/html',
      acl: ['group:a'],
      metadata: { lang: 'en' },
    });
    expect((await house.get(`/api/v1/documents/${body.data.id}/text`)).body.data.text).toBe(
      'Opening hours\n\nWe open at nine.',
    );
  });

  it('of a kind that cannot be read is refused with the kinds that can', async () => {
    const { status, body } = await upload(await collection(), { file: new Blob(['%PDF-1.7 …']) }, 'x.pdf');
    expect([status, body.error.code]).toEqual([415, 'unsupported_media_type']);
    expect(body.error.message).toContain('markdown');
  });

  it('that cannot be parsed fails, says why, is not found, and may be sent again', async () => {
    const id = await collection();
    const failed = await add(id, { title: 'Broken', text: '{"zebra": ', mediaType: 'application/json' });
    expect(failed.body.data).toMatchObject({
      status: 'failed',
      error: { code: 'document_unparsable', message: expect.stringContaining('JSON') },
    });
    expect(await query(id, { query: 'zebra' })).toEqual([]);
    expect((await house.get(`/api/v1/documents/${failed.body.data.id}/text`)).status).toBe(409);
    const again = await add(id, { title: 'Broken', text: '{"zebra": ', mediaType: 'application/json' });
    expect(again.body.data).toMatchObject({ id: failed.body.data.id, status: 'failed' });
  });

  it('that failed is ingested anew by what the new request says', async () => {
    const id = await collection();
    const text = '{broken zebra';
    const failed = await add(id, { title: 'Broken', text, mediaType: 'application/json', acl: ['group:a'] });
    expect(failed.body.data).toMatchObject({ status: 'failed', warnings: [] });
    const anew = { title: 'Zebra', text, mediaType: 'text/plain', metadata: { year: 2026 } };
    const { acl, ...ready } = (await add(id, anew)).body.data;
    expect(ready).toMatchObject({
      id: failed.body.data.id,
      status: 'ready',
      title: 'Zebra',
      mediaType: 'text/plain',
      metadata: { year: 2026 },
    });
    expect([acl, ready.error]).toEqual([undefined, undefined]);
    expect(await query(id, { query: 'zebra' })).toHaveLength(1);
  });

  it('in a form is read in the charset of its part; one that nobody knows fails by name', async () => {
    const id = await collection();
    const send = async (type: string, bytes: Uint8Array<ArrayBuffer>, name = 'a.txt') =>
      (await upload(id, { file: new Blob([bytes], { type }) }, name)).body.data as Record<string, unknown>;
    const gbk = await send('text/plain; charset=gbk', Uint8Array.from([0xc4, 0xe3, 0xba, 0xc3]));
    expect((await house.get(`/api/v1/documents/${gbk.id}/text`)).body.data).toEqual({
      text: '你好',
      textKind: 'source',
    });
    expect(await send('text/plain; charset=klingon-8', Uint8Array.from([0x41, 0x42]))).toMatchObject({
      status: 'failed',
      error: { code: 'document_unparsable', message: expect.stringContaining('klingon-8') },
    });
    expect(await send('text/plain', Uint8Array.from([0x93, 0x68, 0x94]))).toMatchObject({
      status: 'ready',
      warnings: [{ code: 'encoding_guessed', message: expect.stringContaining('windows-1252') }],
    });
    const csv = await send('application/vnd.ms-excel', new TextEncoder().encode('gate,time\nA7,9'), 'notes.csv');
    expect([csv.status, csv.mediaType]).toEqual(['ready', 'text/csv']);
  });

  it('tells of itself in front matter, and says nothing in comments', async () => {
    const id = await collection();
    const text = '---\nowner: kitchen\nyear: 1\n---\n<!-- todo: parking is 9 euro -->\nParking is 4 euro.';
    const { body } = await add(id, { title: 'Menu', text, metadata: { year: 2026 } });
    expect(body.data).toMatchObject({ status: 'ready', metadata: { owner: 'kitchen', year: 2026 } });
    expect((await house.get(`/api/v1/documents/${body.data.id}/text`)).body.data).toEqual({
      text: '\nParking is 4 euro.',
      textKind: 'extracted',
    });
    expect(await query(id, { query: 'kitchen todo' })).toEqual([]);
  });

  it('with a table longer than a chunk repeats its header with each part, at exact offsets', async () => {
    const id = await collection();
    const row = (n: number) => `| plan ${n} | ${n} euro for each month of the year | on request only |\n`;
    const rows = Array.from({ length: 100 }, (_, n) => row(n)).join('');
    const added = await add(id, { title: 'Fees', text: `# Fees\n\n| Plan | Price | Refund |\n|---|---|---|\n${rows}` });
    const { text } = (await house.get(`/api/v1/documents/${added.body.data.id}/text`)).body.data;
    const chunks = (await house.get(`/api/v1/documents/${added.body.data.id}/chunks`)).body.data;
    expect(chunks.length).toBeGreaterThan(2);
    for (const [i, chunk] of chunks.entries()) {
      expect(text.slice(chunk.charStart, chunk.charEnd)).toBe(chunk.text);
      expect(chunk.headingPath).toEqual(['Fees']);
      expect(chunk.repeated).toBe(i === 0 ? undefined : '| Plan | Price | Refund |');
    }
    expect((await query(id, { query: 'refund of plan 99' }))[0]).toMatchObject({
      chunkId: chunks.at(-1).chunkId,
      repeated: '| Plan | Price | Refund |',
    });
  });

  it.each([
    [{ text: 'x' }, 'title'],
    [{ title: 'x' }, 'text'],
    [{ title: 'x', text: 'x', url: 'http://example.com' }, 'text'],
    [{ title: 'x', text: { path: '/etc/passwd' } }, 'text'],
    [{ title: 'x', file: { path: '/etc/passwd' } }, 'file'],
    [{ title: 'x', path: '/etc/passwd' }, 'path'],
    [{ title: 'x', url: 'file:///etc/passwd' }, 'url'],
    [{ title: 'x', text: 'x', acl: [] }, 'acl'],
    [{ title: 'x', text: 'x', language: 'klingon' }, 'language'],
    [{ title: 'x', text: 'x', metadata: [] }, 'metadata'],
  ])('that is %j is refused at the field', async (body, path) => {
    const { status, body: answer } = await house.post(`/api/v1/collections/${await collection()}/documents`, body);
    expect(status).toBe(400);
    expect(answer.error.details).toEqual(expect.arrayContaining([expect.objectContaining({ path })]));
  });

  it.each([
    [{ metadata: 'no json', file: new Blob(['x']) }, 'metadata'],
    [{ metadata: '', file: new Blob(['x']) }, 'metadata'],
    [{ metadata: '{"n":1e999}', file: new Blob(['x']) }, 'metadata.n'],
    [{ metadata: '{"a":"\\ud800"}', file: new Blob(['x']) }, 'metadata.a'],
    [{ metadata: '{"__proto__":{}}', file: new Blob(['x']) }, 'metadata.__proto__'],
    [{ metadata: `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, file: new Blob(['x']) }, 'metadata'],
    [{ title: 'x' }, 'file'],
    [{ attachment: new Blob(['x']) }, 'file'],
    [{ file: new Blob(['x']), colour: 'red' }, 'colour'],
  ])('in a form with a fault is refused at the field (%#)', async (parts, path) => {
    const { status, body } = await upload(await collection(), parts as Record<string, string | Blob>);
    expect(status).toBe(400);
    expect(body.error.details).toEqual(expect.arrayContaining([expect.objectContaining({ path })]));
  });

  it('is deleted with everything it said', async () => {
    const id = await collection();
    const { body } = await add(id, { title: 'Gone', text: 'A canary sings.' });
    await add(id, { title: 'Stays', text: 'A sparrow sings.' });
    expect((await house.delete(`/api/v1/collections/${id}/documents/${body.data.id}`)).status).toBe(200);
    expect((await query(id, { query: 'canary sings' })).map(({ documentTitle }) => documentTitle)).toEqual(['Stays']);
    for (const path of [
      `/api/v1/documents/${body.data.id}`,
      `/api/v1/documents/${body.data.id}/text`,
      `/api/v1/documents/${body.data.id}/chunks`,
    ]) {
      expect((await house.get(path)).body.error?.code).toBe('document_not_found');
    }
    expect((await house.get(`/api/v1/collections/${id}`)).body.data).toMatchObject({ documentCount: 1, chunkCount: 1 });
    expect((await add(id, { title: 'Back', text: 'A canary sings.' })).status).toBe(201);
  });

  it('is listed by status, newest first, page by page', async () => {
    const id = await collection();
    for (const title of ['one', 'two', 'three']) await add(id, { title, text: `Text ${title}` });
    const first = await house.get(`/api/v1/collections/${id}/documents?status=ready&limit=2`);
    expect(first.body.data.map((doc: { title: string }) => doc.title)).toEqual(['three', 'two']);
    const { nextCursor } = first.body.meta.pagination;
    const second = await house.get(`/api/v1/collections/${id}/documents?status=ready&limit=2&cursor=${nextCursor}`);
    expect(second.body.data.map((doc: { title: string }) => doc.title)).toEqual(['one']);
    expect((await house.get(`/api/v1/collections/${id}/documents?cursor=${nextCursor}`)).status).toBe(400);
  });
});

describe('a document from a URL', () => {
  let page = '<h1>Menu</h1><p>Monday is soup.</p>';
  let status = 200;
  const server = createServer((_request, response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end(page),
  );
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/menu`;

  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => server.close());

  it('is fetched, and fetched again when it is sent again: what stayed the same keeps its chunks', async () => {
    const id = await collection();
    page = '<h1>Menu</h1><h2>Monday</h2><p>Soup.</p><h2>Tuesday</h2><p>Bread.</p>';
    const first = await add(id, { title: 'Menu', url: url() });
    expect(first.body.data).toMatchObject({ status: 'ready', mediaType: 'text/html', url: url() });
    const before = (await house.get(`/api/v1/documents/${first.body.data.id}/chunks`)).body.data as Hit[];
    page = '<h1>Menu</h1><h2>Sunday</h2><p>Closed.</p><h2>Tuesday</h2><p>Bread.</p>';
    const again = await add(id, { title: 'Menu', url: `${url()}#today` });
    expect(again.body.data.id).toBe(first.body.data.id);
    const after = (await house.get(`/api/v1/documents/${first.body.data.id}/chunks`)).body.data as Hit[];
    expect(after.at(-1)!.chunkId).toBe(before.at(-1)!.chunkId);
    expect(after.at(-1)!.charStart).not.toBe(before.at(-1)!.charStart);
    expect(await query(id, { query: 'soup' })).toEqual([]);
    expect((await query(id, { query: 'closed bread' })).length).toBe(2);
  });

  it('that is not there fails; one that was there keeps its content and says so', async () => {
    const id = await collection();
    const ready = await add(id, { title: 'Menu', url: url() });
    status = 404;
    const again = await add(id, { title: 'Menu', url: url() });
    expect(again.body.data).toMatchObject({
      id: ready.body.data.id,
      status: 'ready',
      error: { code: 'document_fetch_failed' },
    });
    expect((await add(id, { title: 'Other', url: `${url()}/other` })).body.data).toMatchObject({
      status: 'failed',
      error: { code: 'document_fetch_failed' },
    });
    status = 200;
  });

  it('at an address inside is blocked', async () => {
    const { body } = await add(await collection(), { title: 'Inside', url: 'http://169.254.169.254/latest/meta-data' });
    expect(body.data).toMatchObject({ status: 'failed', error: { code: 'outbound_blocked' } });
  });
});

describe('a query', () => {
  it('finds the right chunk first, at its offsets, with the headings above it', async () => {
    const id = await collection();
    await add(id, { title: 'Handbook', text: HANDBOOK });
    await add(id, { title: 'Cooking', text: 'Boil the eggs for nine minutes.' });
    const [hit] = await query(id, { query: 'How many days to Japan?' });
    expect(hit).toMatchObject({
      documentTitle: 'Handbook',
      headingPath: ['Handbook', 'Shipping'],
      ranks: { lexical: 1 },
    });
    expect(hit!.text).toBe(HANDBOOK.slice(hit!.charStart, hit!.charEnd));
  });

  it('survives a misspelling', async () => {
    const id = await collection();
    await add(id, { title: 'Aerodynamics', text: 'Turbulence raises the drag of a wing.' });
    expect(await query(id, { query: 'turbulense' })).toHaveLength(1);
    expect(await query(id, { query: 'xylophone' })).toEqual([]);
  });

  it('finds words inside scripts without spaces', async () => {
    const id = await collection({ language: 'ja' });
    await add(id, { title: '返品', text: '商品は三十日以内に返品できます。' });
    expect(await query(id, { query: '返品は何日以内' })).toHaveLength(1);
  });

  describe('finds, and ranks first what is meant exactly:', () => {
    let id: string;
    const texts = [
      'Part AB-4/123 is a hinge.',
      'Part AB-123/5 is a bolt.',
      'Part AB-123/4 is a gasket.',
      'We teach C++ on Mondays.',
      'We teach C# on Tuesdays.',
      'Send a résumé with your letter.',
      'You may resume the course later.',
      'O coração bate.',
      'Ver\u00ADsand\u00ADpau\u00ADschale: 4 euro.',
      '배송비는 3000원입니다.',
      'Die Lieferkostenpauschale ist neu.',
      'Die Lieferkosten sind hoch und steigen in jedem Jahr weiter an.',
      'Clean the rack, then dry it.',
      'This is for dry clean only.',
    ];

    beforeAll(async () => {
      id = await collection();
      for (const [index, text] of texts.entries()) await add(id, { title: `t${index}`, text });
    });

    it.each([
      ['AB-123/4', ['Part AB-123/4 is a gasket.']],
      ['ab-4/123', ['Part AB-4/123 is a hinge.']],
      ['C#', ['We teach C# on Tuesdays.']],
      ['c++ course', ['We teach C++ on Mondays.']],
      ['resume', ['You may resume the course later.', 'Send a résumé with your letter.']],
      ['résumé', ['Send a résumé with your letter.', 'You may resume the course later.']],
      ['coracao', ['O coração bate.']],
      ['Versandpauschale', ['Ver\u00ADsand\u00ADpau\u00ADschale: 4 euro.']],
      ['배송비', ['배송비는 3000원입니다.']],
      ['Lieferkosten', [texts[11], texts[10]]],
      ['"dry clean"', ['This is for dry clean only.', 'Clean the rack, then dry it.']],
    ])('%s', async (text, expected) => {
      const hits = await query(id, { query: text });
      expect(hits.slice(0, expected.length).map((hit) => hit.text)).toEqual(expected);
    });
  });

  it('reads each document in its own language', async () => {
    const id = await collection();
    await add(id, { title: 'Haus', text: 'Die Häuser werden gebaut.', language: 'de' });
    await add(id, { title: 'House', text: 'The houses are being built.' });
    expect((await query(id, { query: 'Haus' })).map(({ documentTitle }) => documentTitle)).toEqual(['Haus']);
    expect((await query(id, { query: 'house' })).map(({ documentTitle }) => documentTitle)).toContain('House');
  });

  it('is filtered by metadata before ranking', async () => {
    const id = await collection();
    for (const [year, tags] of [
      [2024, ['a']],
      [2025, ['a', 'b']],
      [2026, []],
    ] as const) {
      await add(id, {
        title: `T${year}`,
        text: `Apples of ${year}`,
        metadata: { year, tags, day: `${year}-05-01`, ...(year === 2026 ? {} : { old: true }) },
      });
    }
    const found = async (filter: object) =>
      (await query(id, { query: 'apples', filter, topK: 3 })).map((hit) => hit.documentTitle).toSorted();
    expect(await found({ 'metadata.year': 2025 })).toEqual(['T2025']);
    expect(await found({ 'metadata.tags': 'b' })).toEqual(['T2025']);
    expect(await found({ 'metadata.year': { in: [2024, 2026] } })).toEqual(['T2024', 'T2026']);
    expect(await found({ 'metadata.year': { gte: 2025, lte: 2026 } })).toEqual(['T2025', 'T2026']);
    expect(await found({ 'metadata.day': { lte: '2025-05-01' } })).toEqual(['T2024', 'T2025']);
    expect(await found({ 'metadata.day': { gte: 1 } })).toEqual([]);
    expect(await found({ 'metadata.old': null })).toEqual(['T2026']);
    expect(await found({ 'metadata.old': true, 'metadata.year': 2024 })).toEqual(['T2024']);
    expect(await found({ 'metadata.nothing': 'x' })).toEqual([]);
  });

  it('sees documents with an ACL only for a common group, named by a key that may', async () => {
    const id = await collection();
    const secret = await add(id, { title: 'Secret', text: 'The salary table', acl: ['group:hr'] });
    await add(id, { title: 'Open', text: 'The lunch table' });
    const titles = async (groups?: string[]) =>
      (await query(id, { query: 'table', groups })).map((hit) => hit.documentTitle).toSorted();
    expect(await titles()).toEqual(['Open']);
    expect(await titles(['group:HR', 'group'])).toEqual(['Open']);
    expect(await titles(['group:hr'])).toEqual(['Open', 'Secret']);
    const reader = await keyWith('knowledge:read');
    const claim = await house.post(
      `/api/v1/collections/${id}/query`,
      { query: 'table', groups: ['group:hr'] },
      { key: reader },
    );
    expect([claim.status, claim.body.error.code]).toEqual([403, 'forbidden']);
    expect((await house.post(`/api/v1/collections/${id}/query`, { query: 'table' }, { key: reader })).status).toBe(200);
    await house.patch(`/api/v1/collections/${id}/documents/${secret.body.data.id}`, { acl: ['group:all'] });
    expect(await titles(['group:hr'])).toEqual(['Open']);
  });

  it.each([
    [{ query: '' }, 'query'],
    [{ query: 'x', topK: 101 }, 'topK'],
    [{ query: 'x', mode: 'magic' }, 'mode'],
    [{ query: 'x', mode: 'dense' }, 'mode'],
    [{ query: 'x', mode: 'hybrid' }, 'mode'],
    [{ query: 'x', filter: { 'metadata.a': { $ne: 1 } } }, 'filter.metadata.a'],
    [{ query: 'x', filter: { "title'; --": 1 } }, "filter.title'; --"],
  ])('that is %j is refused at the field', async (body, path) => {
    const { status, body: answer } = await house.post(`/api/v1/collections/${await collection()}/query`, body);
    expect(status).toBe(400);
    expect(answer.error.details).toEqual(expect.arrayContaining([expect.objectContaining({ path })]));
  });

  it('says which mode ran, and finds nothing in nothing', async () => {
    const id = await collection();
    const { body } = await house.post(`/api/v1/collections/${id}/query`, { query: 'the of and', mode: 'auto' });
    expect(body.data).toEqual({ mode: 'lexical', hits: [] });
    expect((await house.post(`/api/v1/collections/${id}/query`, { query: '?!' })).body.data.hits).toEqual([]);
  });
});

describe('tenants and scopes', () => {
  it('keep everything of another tenant unknown', async () => {
    const id = await collection();
    const doc = (await add(id, { title: 'Ours', text: 'Our own words.' })).body.data.id;
    const key = await house.otherTenant('Other');
    for (const path of [
      `collections/${id}`,
      `collections/${id}/documents`,
      `collections/${id}/documents/${doc}`,
      `documents/${doc}`,
      `documents/${doc}/text`,
      `documents/${doc}/chunks`,
    ]) {
      expect((await house.get(`/api/v1/${path}`, { key })).status).toBe(404);
    }
    expect((await house.post(`/api/v1/collections/${id}/query`, { query: 'words' }, { key })).status).toBe(404);
    expect((await house.post(`/api/v1/collections/${id}/documents`, { title: 'x', text: 'x' }, { key })).status).toBe(
      404,
    );
    expect((await house.delete(`/api/v1/documents/${doc}`, { key })).status).toBe(404);
    expect((await house.delete(`/api/v1/collections/${id}`, { key })).status).toBe(404);
    const theirs = (await house.post('/api/v1/collections', { name: 'Theirs' }, { key })).body.data.id;
    const headers = { prefer: 'wait=30' };
    const same = await house.post(
      `/api/v1/collections/${theirs}/documents`,
      { title: 'x', text: 'Our own words.' },
      { key, headers },
    );
    expect(same.body.data.id).not.toBe(doc);
    expect((await house.get(`/api/v1/collections/${id}/documents/${same.body.data.id}`)).status).toBe(404);
  });

  it('let a reading key read only', async () => {
    const key = await keyWith('knowledge:read');
    const id = await collection();
    expect((await house.get(`/api/v1/collections/${id}`, { key })).status).toBe(200);
    expect((await house.post('/api/v1/collections', { name: 'x' }, { key })).status).toBe(403);
    expect((await house.delete(`/api/v1/collections/${id}`, { key })).status).toBe(403);
    expect((await house.get(`/api/v1/collections/${id}`, { key: await keyWith('agents:read') })).status).toBe(403);
  });
});
