import { type TestTenant, testTenant } from '@guildhall/testing';

let house: TestTenant;

beforeAll(async () => {
  house = await testTenant();
});

afterAll(() => house.close());

const create = async (fields: object = {}) => {
  const { status, body } = await house.post('/api/v1/agents', { name: 'support', ...fields });
  expect(status).toBe(201);
  return body.data as { id: string } & Record<string, unknown>;
};

const keyWith = async (...scopes: string[]): Promise<string> => {
  const { body } = await house.post('/api/v1/api-keys', { name: scopes.join(' '), scopes });
  return body.data.key as string;
};

describe('/agents', () => {
  it('creates an agent that is published as version 1, and shows where it is', async () => {
    const answer = await house.post('/api/v1/agents', {
      name: 'support',
      description: 'Answers from the handbook',
      kind: 'tool-loop',
      instructions: 'Answer from the handbook and cite it.',
      model: { route: 'default', temperature: 0.2 },
      tools: ['calculator'],
      type: 'customer_support',
      metadata: { team: 'support' },
    });
    expect(answer.status).toBe(201);
    const { data, meta } = answer.body;
    expect(data).toMatchObject({
      id: expect.stringMatching(/^agt_[0-9a-z]{26}$/),
      name: 'support',
      kind: 'tool-loop',
      model: { route: 'default', temperature: 0.2 },
      tools: ['calculator'],
      knowledge: [],
      memory: { window: 20, recall: 5 },
      limits: { maxSteps: 25, maxTokens: 1_000_000, maxCostMicroUsd: 1_000_000, timeoutMs: 600_000 },
      approvals: [],
      metadata: { team: 'support' },
      type: 'customer_support',
      status: 'active',
      isActive: true,
      publishedVersion: 1,
      draftChanged: false,
      archivedAt: null,
    });
    expect(meta).toMatchObject({ requestId: expect.any(String), version: 'v1' });
    expect(answer.headers.get('location')).toBe(`/api/v1/agents/${data.id}`);
    const read = await house.get(`/api/v1/agents/${data.id}`);
    expect(read.body.data).toEqual(data);
    expect(read.headers.get('etag')).toBe(answer.headers.get('etag'));
  });

  it('names every fault of a bad agent, at its path', async () => {
    const { status, body } = await house.post('/api/v1/agents', {
      name: 7,
      kind: 'swarm',
      tools: ['abacus'],
      knowledge: [{ collectionId: 'col_nothing', topK: 0 }],
      limits: { maxSteps: 0 },
      type: 'robot',
    });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'validation_failed', category: 'validation', status: 400 });
    const paths = body.error.details.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['name', 'kind', 'tools[0]', 'knowledge[0].topK', 'limits.maxSteps', 'type']),
    );
    const kind = body.error.details.find(({ path }: { path: string }) => path === 'kind');
    expect(kind.message).toContain("'tool-loop'");
  });

  it("refuses references to unknown tools and to other tenants' collections", async () => {
    const key = await house.otherTenant('collector');
    const foreign = await house.post('/api/v1/collections', { name: 'Theirs' }, { key });
    expect(foreign.status).toBe(201);
    const knowledge = [{ collectionId: foreign.body.data.id }];
    const { status, body } = await house.post('/api/v1/agents', { name: 'a', tools: ['abacus'], knowledge });
    expect(status).toBe(400);
    expect(body.error.code).toBe('invalid_reference');
    expect(body.error.details.map(({ path }: { path: string }) => path)).toEqual([
      'tools[0]',
      'knowledge[0].collectionId',
    ]);
    expect((await house.post('/api/v1/agents', { name: 'a', knowledge }, { key })).status).toBe(201);
  });

  it.each([[undefined], ['[]'], ['"support"'], ['null']])('is not made of the body %s', async (body) => {
    const answer = await house.post('/api/v1/agents', body, { headers: { 'content-type': 'application/json' } });
    expect(answer.status).toBe(400);
    expect(answer.body.error.category).toBe('validation');
  });

  it('validates without storing: all faults with 200', async () => {
    const bad = await house.post('/api/v1/agents/validate', { name: '', tools: ['abacus'], colour: 'red' });
    expect(bad.status).toBe(200);
    expect(bad.body.data.valid).toBe(false);
    expect(bad.body.data.faults.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'colour',
      'name',
      'tools[0]',
    ]);
    const good = await house.post('/api/v1/agents/validate', { name: 'fine' });
    expect(good.body.data).toEqual({ valid: true, faults: [] });
  });

  it('edits the draft, guarded by the ETag', async () => {
    const { id } = await create({ instructions: 'Old' });
    const etag = (await house.get(`/api/v1/agents/${id}`)).headers.get('etag')!;
    const headers = { 'if-match': etag };
    const first = await house.patch(`/api/v1/agents/${id}`, { instructions: 'New' }, { headers });
    expect(first.status).toBe(200);
    expect(first.body.data).toMatchObject({ instructions: 'New', draftChanged: true, publishedVersion: 1 });
    expect(first.headers.get('etag')).not.toBe(etag);
    const second = await house.patch(`/api/v1/agents/${id}`, { instructions: 'Lost' }, { headers });
    expect(second.status).toBe(412);
    expect(second.body.error.code).toBe('precondition_failed');
    expect((await house.get(`/api/v1/agents/${id}`)).body.data.instructions).toBe('New');
  });

  it('freezes, publishes and rolls back versions', async () => {
    const { id } = await create({ instructions: 'One' });
    await house.patch(`/api/v1/agents/${id}`, { instructions: 'Two' });
    const frozen = await house.post(`/api/v1/agents/${id}/versions`, { note: 'Second' });
    expect(frozen.status).toBe(201);
    expect(frozen.headers.get('location')).toBe(`/api/v1/agents/${id}/versions/2`);
    expect(frozen.body.data).toMatchObject({ agentId: id, version: 2, status: 'draft', note: 'Second' });
    const published = await house.post(`/api/v1/agents/${id}/versions/2/publish`);
    expect(published.status).toBe(200);
    expect(published.body.data).toMatchObject({ version: 2, status: 'published', definition: { instructions: 'Two' } });
    const now = await house.get(`/api/v1/agents/${id}`);
    expect(now.body.data).toMatchObject({ publishedVersion: 2, draftChanged: false });
    const list = await house.get(`/api/v1/agents/${id}/versions`);
    expect(
      list.body.data.map((version: { version: number; status: string }) => [version.version, version.status]),
    ).toEqual([
      [2, 'published'],
      [1, 'retired'],
    ]);
    expect(list.body.meta.pagination).toMatchObject({ count: 2, hasMore: false });
    const back = await house.post(`/api/v1/agents/${id}/rollback`, { version: 1 });
    expect(back.body.data).toMatchObject({ version: 1, status: 'published' });
    expect((await house.get(`/api/v1/agents/${id}/versions/2`)).body.data.status).toBe('retired');
    expect((await house.get(`/api/v1/agents/${id}`)).body.data).toMatchObject({
      publishedVersion: 1,
      draftChanged: true,
    });
  });

  it('freezes without a note, and without a body', async () => {
    const { id } = await create();
    expect((await house.post(`/api/v1/agents/${id}/versions`)).body.data).toMatchObject({ version: 2, note: null });
  });

  it.each([
    ['GET', 'versions/9', 404],
    ['GET', 'versions/zero', 400],
    ['GET', 'versions/0', 400],
    ['GET', 'versions/99999999999', 400],
    ['POST', 'versions/9/publish', 404],
    ['POST', 'rollback', 400],
  ])('answers %s /agents/{id}/%s with %i', async (method, path, expected) => {
    const { id } = await create();
    const send = method === 'GET' ? house.get : house.post;
    expect((await send(`/api/v1/agents/${id}/${path}`)).status).toBe(expected);
  });

  it('archives: gone from the list, still readable, no longer changed', async () => {
    const { id } = await create({ owner: 'archivist' });
    expect((await house.delete(`/api/v1/agents/${id}`)).body.data.archivedAt).toMatch(/Z$/);
    expect((await house.delete(`/api/v1/agents/${id}`)).status).toBe(200);
    expect((await house.get('/api/v1/agents?owner=archivist')).body.data).toEqual([]);
    expect((await house.get(`/api/v1/agents/${id}`)).status).toBe(200);
    expect((await house.patch(`/api/v1/agents/${id}`, { name: 'undead' })).status).toBe(409);
  });

  it('lists newest first, filtered and in pages', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      ids.unshift((await create({ owner: 'lister', type: 'data_analyzer', status: i ? 'training' : 'active' })).id);
    }
    const first = await house.get('/api/v1/agents?owner=lister&limit=2&total=true');
    expect(first.body.data.map((agent: { id: string }) => agent.id)).toEqual(ids.slice(0, 2));
    expect(first.body.meta.pagination).toMatchObject({ limit: 2, count: 2, hasMore: true, total: 3 });
    const { nextCursor } = first.body.meta.pagination;
    const second = await house.get(`/api/v1/agents?owner=lister&limit=2&cursor=${nextCursor}`);
    expect(second.body.data.map((agent: { id: string }) => agent.id)).toEqual(ids.slice(2));
    expect((await house.get(`/api/v1/agents?owner=other&limit=2&cursor=${nextCursor}`)).status).toBe(400);
    const filtered = await house.get('/api/v1/agents?type=data_analyzer&status=training&kind=tool-loop&isActive=true');
    expect(filtered.body.data).toHaveLength(2);
    expect((await house.get('/api/v1/agents?type=robot')).status).toBe(400);
  });

  it('knows nothing of the agents of other tenants', async () => {
    const { id } = await create();
    const key = await house.otherTenant('stranger');
    const unknown = await house.get('/api/v1/agents/agt_00000000000000000000000000', { key });
    const foreign = await house.get(`/api/v1/agents/${id}`, { key });
    expect([unknown.status, foreign.status]).toEqual([404, 404]);
    expect(foreign.body.error).toMatchObject({ code: 'agent_not_found', category: unknown.body.error.category });
    expect((await house.patch(`/api/v1/agents/${id}`, { name: 'mine' }, { key })).status).toBe(404);
    expect((await house.delete(`/api/v1/agents/${id}`, { key })).status).toBe(404);
    expect((await house.get('/api/v1/agents', { key })).body.data).toEqual([]);
  });

  it('asks for the scope of what is done', async () => {
    const reader = await keyWith('agents:read');
    expect((await house.get('/api/v1/agents', { key: reader })).status).toBe(200);
    expect((await house.post('/api/v1/agents', { name: 'a' }, { key: reader })).status).toBe(403);
    expect((await house.get('/api/v1/agents', { key: null })).status).toBe(401);
  });

  it('creates one agent for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'agent-once' };
    const first = await house.post('/api/v1/agents', { name: 'once' }, { headers });
    const again = await house.post('/api/v1/agents', { name: 'once' }, { headers });
    expect(again.status).toBe(201);
    expect(again.body.data.id).toBe(first.body.data.id);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });
});

describe('/tools', () => {
  it('lists what agents can be given, with the same fields for each', async () => {
    const { body } = await house.get('/api/v1/tools?limit=100');
    const names = body.data.map((tool: { id: string }) => tool.id);
    expect(names).toEqual(expect.arrayContaining(['calculator', 'current-time', 'knowledge.search']));
    for (const tool of body.data) {
      expect(Object.keys(tool).toSorted()).toEqual([
        'description',
        'id',
        'inputSchema',
        'kind',
        'name',
        'plugin',
        'status',
      ]);
    }
    const one = await house.get('/api/v1/tools/calculator');
    expect(one.body.data).toMatchObject({
      id: 'calculator',
      kind: 'builtin',
      plugin: 'tools',
      status: 'active',
      inputSchema: { type: 'object', required: ['expression'], additionalProperties: false },
    });
    expect((await house.get('/api/v1/tools/abacus')).body.error).toMatchObject({ code: 'tool_not_found', status: 404 });
  });

  it('calls one', async () => {
    const { status, body } = await house.post('/api/v1/tools/calculator/invoke', {
      input: { expression: '15% of 240' },
    });
    expect(status).toBe(200);
    expect(body.data).toEqual({
      output: { expression: '15% of 240', result: 36, decimal: '36', exact: true },
      durationMs: expect.any(Number),
    });
    const time = await house.post('/api/v1/tools/current-time/invoke', { input: { timeZone: 'Europe/Berlin' } });
    expect(time.body.data.output).toMatchObject({ timeZone: 'Europe/Berlin', iso: expect.stringMatching(/Z$/) });
  });

  it.each([
    ['calculator', { input: {} }, 'input.expression'],
    ['calculator', { input: { expression: '1', digits: 2 } }, 'input.digits'],
    ['calculator', { input: { expression: '2 +' } }, 'input.expression'],
    ['calculator', { input: 'x' }, 'input'],
    ['calculator', {}, 'input'],
    ['calculator', { input: { expression: '1' }, more: 1 }, 'more'],
    ['current-time', { input: { timeZone: 'Mars/Olympus' } }, 'input.timeZone'],
    ['knowledge.search', { input: { query: 'returns' } }, 'input.collectionId'],
  ])('refuses to call %s with %j', async (tool, request, path) => {
    const { status, body } = await house.post(`/api/v1/tools/${tool}/invoke`, request);
    expect(status).toBe(400);
    expect(body.error.code).toBe('validation_failed');
    expect(body.error.details.map((fault: { path: string }) => fault.path)).toContain(path);
  });

  it('calls a failure of the tool tool_failed, with its reason', async () => {
    const { status, body } = await house.post('/api/v1/tools/calculator/invoke', { input: { expression: '1 / 0' } });
    expect(status).toBe(502);
    expect(body.error).toMatchObject({ code: 'tool_failed', message: expect.stringContaining('Division by zero') });
  });

  it('asks for tools:write', async () => {
    const key = await keyWith('tools:read');
    expect((await house.get('/api/v1/tools', { key })).status).toBe(200);
    const invoked = await house.post('/api/v1/tools/calculator/invoke', { input: { expression: '1' } }, { key });
    expect(invoked.status).toBe(403);
  });
});

describe('/workers', () => {
  it('lists them with the same fields as tools', async () => {
    const { body } = await house.get('/api/v1/workers');
    expect(body.data.map((worker: { id: string }) => worker.id)).toEqual(expect.arrayContaining(['message', 'rag']));
    const one = await house.get('/api/v1/workers/rag');
    expect(one.body.data).toMatchObject({ id: 'rag', kind: 'builtin', plugin: 'workers', status: 'active' });
    expect((await house.get('/api/v1/workers/nobody')).body.error.code).toBe('worker_not_found');
  });
});
