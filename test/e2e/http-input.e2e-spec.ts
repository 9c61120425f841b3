import { type ProbedHouse, codeOf, startProbedHouse } from './probed-house.js';

describe('the input of HTTP requests', () => {
  let house: ProbedHouse;
  beforeAll(async () => {
    house = await startProbedHouse();
  });
  afterAll(() => house.close());

  describe('lists', () => {
    beforeAll(async () => {
      for (let i = 0; i < 3; i++) {
        await house.post('/api/v1/agents', { name: `list-${i}`, kind: 'tool-loop' }, { key: house.tenant });
      }
    });
    const list = (query: string, key = house.tenant) => house.get(`/api/v1/agents?${query}`, { key });

    it('run newest first from page to page, each item once', async () => {
      const names: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body } = await list(`limit=2${cursor && `&cursor=${cursor}`}`);
        names.push(...(body.data as { name: string }[]).map(({ name }) => name));
        expect(body.meta.pagination).toMatchObject({
          limit: 2,
          count: body.data.length,
          hasMore: body.meta.pagination.nextCursor !== null,
        });
        cursor = body.meta.pagination.nextCursor as string | null;
      }
      expect(names).toEqual(['list-2', 'list-1', 'list-0']);
    });

    it('count everything when asked', async () => {
      expect((await list('limit=1&total=true')).body.meta.pagination).toMatchObject({
        total: 3,
        count: 1,
        hasMore: true,
      });
    });

    it('refuse a cursor that is forged, or of another list, filter or tenant', async () => {
      const cursor = (await list('limit=1')).body.meta.pagination.nextCursor as string;
      const foreign = await list(`limit=1&cursor=${cursor}`, house.apiKey);
      const elsewhere = await house.get(`/api/v1/collections?cursor=${cursor}`, { key: house.tenant });
      for (const answer of [
        foreign,
        elsewhere,
        await list(`cursor=${cursor}x`),
        await list('cursor=abc'),
        await list('cursor='),
      ]) {
        expect(codeOf(answer)).toBe('400 validation_failed');
      }
    });

    it.each([
      'limit=0',
      'limit=-1',
      'limit=101',
      'limit=1e9',
      'limit=abc',
      'limit=1&limit=2',
      'total=x',
      'a[]=1',
      'a[b]=1',
      'page=2',
      'cursor=%00',
    ])('refuse the query %s', async (query) => expect(codeOf(await list(query))).toBe('400 validation_failed'));

    it('name every fault of a thousand parameters within reason', async () => {
      const { status, body } = await list(Array.from({ length: 1000 }, (_, i) => `p${i}=1`).join('&'));
      expect(status).toBe(400);
      expect(body.error.details.length).toBeLessThanOrEqual(101);
    });
  });

  describe('unknown input', () => {
    it('is refused with every fault and its place', async () => {
      const { status, body } = await house.post('/api/v1/agents', {
        nmae: 'x',
        tools: 7,
        model: { temperature: 'hot' },
      });
      expect([status, body.error.code, body.error.category]).toEqual([400, 'validation_failed', 'validation']);
      const paths = (body.error.details as { path: string }[]).map(({ path }) => path).join(' ');
      for (const path of ['name', 'nmae', 'tools', 'model.temperature']) expect(paths).toContain(path);
      for (const detail of body.error.details)
        expect(Object.keys(detail).toSorted()).toEqual(['code', 'message', 'path']);
    });

    it.each([
      [
        'collections',
        { name: 'x', language: 'klingon', k1: -1, embedding: { provider: 'p', model: 'm' } },
        ['embedding embedding_unavailable', 'k1 too_small', 'language unknown_language'],
      ],
      [
        'providers',
        { id: 'Bad Id', kind: 'x', models: [] },
        ['id invalid_format', 'kind invalid_value', 'models too_short'],
      ],
      [
        'providers',
        { id: 'Bad Id', kind: 'openai-compatible' },
        ['baseUrl invalid_value', 'id invalid_format', 'models required'],
      ],
      ['providers', { id: 'a', kind: 7, models: [{ name: 'm' }] }, ['kind invalid_type']],
      ['collections', { name: 'x', language: 7, k1: -1 }, ['k1 too_small', 'language invalid_type']],
    ])('is refused with the faults that its values have beside those of its form: %s %j', async (to, body, faults) => {
      const answer = await house.post(`/api/v1/${to}`, body);
      expect(codeOf(answer)).toBe('400 validation_failed');
      const found = (answer.body.error.details as { path: string; code: string }[]).map(
        ({ path, code }) => `${path} ${code}`,
      );
      expect(found.toSorted()).toEqual(faults);
    });

    describe('that is null or of another shape', () => {
      let ids: Record<string, string>;
      beforeAll(async () => {
        const idOf = async (path: string, body: object) => (await house.post(path, body)).body.data.id as string;
        const thread = await idOf('/api/v1/threads', {});
        const collection = await idOf('/api/v1/collections', { name: 'shapes' });
        const text = { title: 'Returns', text: 'Within 30 days.', acl: ['group:support'] };
        const document = await idOf(`/api/v1/collections/${collection}/documents`, text);
        ids = { agent: (await house.agent('shapes', {})).body.data.id as string, thread, collection, document };
      });
      const filled = (text: string) => text.replace(/<(\w+)>/g, (_, name: string) => ids[name]!);

      it.each([
        ['post runs', '{"agentId":"<agent>","input":"hi","context":null}', 'context'],
        ['post runs', '{"agentId":"<agent>","input":"hi","context":[]}', 'context'],
        ['post runs', '{"agentId":"<agent>","input":"hi","context":{"groups":null}}', 'context.groups'],
        ['post runs', '{"agentId":"<agent>","input":"hi","metadata":null}', 'metadata'],
        ['post runs', '{"agentId":"<agent>","input":{"parts":[[]]}}', 'input.parts'],
        ['post threads/<thread>/runs', '{"agentId":"<agent>","input":"hi","metadata":null}', 'metadata'],
        ['post threads', '{"metadata":null}', 'metadata'],
        ['post threads', '{"metadata":{"n":1e999}}', 'metadata.n'],
        ['post threads', 'null', ''],
        ['post threads', '[]', ''],
        ['patch threads/<thread>', '{"title":null}', 'title'],
        ['post collections', '{"name":"c","k1":null}', 'k1'],
        ['post collections', '{"name":"c","b":null}', 'b'],
        ['patch collections/<collection>', '{"name":null}', 'name'],
        ['post collections/<collection>/query', '{"query":"x","groups":null}', 'groups'],
        ['patch collections/<collection>/documents/<document>', '{"metadata":null}', 'metadata'],
        ['post agents', '{"name":"a","knowledge":[[]]}', 'knowledge'],
        ...['2020', '2020-01', '2020-W01-1', '2020-01-01T10', '2020-01-01T10:00:00'].map((at) => [
          'post threads/<thread>/messages',
          `{"role":"user","text":"hi","at":"${at}"}`,
          'at',
        ]),
      ])('is refused: %s %s', async (route, body, path) => {
        const [method, to] = filled(route!).split(' ') as ['post' | 'patch', string];
        const answer = await house[method](`/api/v1/${to}`, filled(body!));
        expect(codeOf(answer)).toBe('400 validation_failed');
        expect(answer.body.error.details).toEqual([{ path, code: expect.any(String), message: expect.any(String) }]);
      });

      it('is taken where null means something', async () => {
        const path = filled('/api/v1/collections/<collection>/documents/<document>');
        expect((await house.get(path)).body.data.acl).toEqual(['group:support']);
        expect((await house.patch(path, { acl: null })).body.data).not.toHaveProperty('acl');
        const run = { agentId: ids.agent, input: { text: 'hi', data: null } };
        expect((await house.post('/api/v1/runs', run)).status).toBe(202);
        expect((await house.patch(filled('/api/v1/agents/<agent>'), { description: null })).status).toBe(200);
        const at = '2026-11-21T09:29:00+01:00';
        const said = await house.post(filled('/api/v1/threads/<thread>/messages'), { role: 'user', text: 'hi', at });
        expect([said.status, said.body.data.at]).toEqual([201, '2026-11-21T08:29:00.000Z']);
      });
    });

    it('is refused by a route that reads none', async () => {
      expect(codeOf(await house.post('/api/v1/runs/run_x/cancel', { foo: 1 }))).toBe('400 validation_failed');
      expect(codeOf(await house.get('/api/v1/runs/run_x?x=1'))).toBe('400 validation_failed');
      expect((await house.post('/api/v1/runs/run_x/cancel')).status).toBe(404);
    });

    it.each([
      ['{"name":', '400 malformed_json'],
      ['{"name":NaN}', '400 malformed_json'],
      ['\uFEFF{"name":"a"}', '400 malformed_json'],
      ['{"name":"a","name":"b"}', '400 validation_failed'],
      ['{"name":"a\\u0000b"}', '400 validation_failed'],
      ['{"name":"\\udc00"}', '400 validation_failed'],
      ['{"name":"a","__proto__":{"admin":true}}', '400 validation_failed'],
      ['{"name":"a","constructor":{"prototype":{"admin":true}}}', '400 validation_failed'],
      ['[]', '400 validation_failed'],
      ['7', '400 validation_failed'],
      ['', '400 validation_failed'],
    ])('refuses the body %s', async (text, expected) => {
      expect(codeOf(await house.post('/api/v1/api-keys', text))).toBe(expected);
      expect(({} as { admin?: boolean }).admin).toBeUndefined();
    });

    it('refuses what is nested too deep, and too many fields, quickly', async () => {
      const started = performance.now();
      const deep = await house.post('/api/v1/agents', `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
      const wide = await house.post(
        '/api/v1/agents',
        `{${Array.from({ length: 60_000 }, (_, i) => `"${i}":1`).join(',')}}`,
      );
      expect([codeOf(deep), codeOf(wide)]).toEqual(['400 validation_failed', '400 validation_failed']);
      expect(performance.now() - started).toBeLessThan(2000);
    });

    it('answers 413 above 1 MiB', async () => {
      const body = (bytes: number) => `{"name":"${'x'.repeat(bytes - 11)}"}`;
      expect((await house.post('/api/v1/agents', body(1_048_576))).status).toBe(400);
      expect(codeOf(await house.post('/api/v1/agents', body(1_048_577)))).toBe('413 payload_too_large');
    });

    it.each([
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16',
      'application/json; charset=utf-7',
    ])('answers 415 to %s', async (type) =>
      expect(codeOf(await house.post('/api/v1/agents', '{"name":"a"}', { headers: { 'content-type': type } }))).toBe(
        '415 unsupported_media_type',
      ),
    );

    it('answers 415 to a compressed body', async () => {
      const answer = await house.post('/api/v1/agents', '{}', { headers: { 'content-encoding': 'gzip' } });
      expect(codeOf(answer)).toBe('415 unsupported_media_type');
    });

    it.each([
      'text ‮ right to left',
      'zero​width',
      '👩‍👩‍👧‍👦',
      'e\u0301',
      "Robert'); DROP TABLE agents;--",
      '<script>alert(1)</script>',
      '${jndi:ldap://x}',
      'undefined',
      '%s%n',
    ])('stores the text %s as it came', async (text) => {
      const { status, body } = await house.agent('texts', { description: text });
      expect([status, body.data?.description]).toEqual([201, text]);
      expect((await house.get(`/api/v1/agents/${body.data.id}`)).body.data.description).toBe(text);
    });

    it('tells an unknown route from a wrong method', async () => {
      expect(codeOf(await house.get('/api/v1/nothing'))).toBe('404 route_not_found');
      const wrong = await house.put('/api/v1/agents', {});
      expect([codeOf(wrong), wrong.headers.get('allow')]).toEqual(['405 method_not_allowed', 'GET, HEAD, POST']);
      expect(wrong.headers.get('x-request-id')).toBe(wrong.body.meta.requestId);
    });

    it('answers 400 to what is no HTTP', async () => {
      expect(await house.raw('NOT HTTP\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [\s\S]*"validation_failed"/);
      const smuggled = [
        'POST /api/v1/agents HTTP/1.1',
        'host: localhost',
        'content-length: 4',
        'transfer-encoding: chunked',
        '',
        '0',
        '',
        '',
      ];
      expect(await house.raw(smuggled.join('\r\n'))).toMatch(/^HTTP\/1.1 400 /);
    });
  });
});
