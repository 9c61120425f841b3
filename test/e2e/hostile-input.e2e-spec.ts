import { type TestApp, type TestResponse, startTestApp } from '@guildhall/testing';
import { KEPT_VALUES, REFUSED_JSON } from '../fixtures/hostile-json.js';
import { FORBIDDEN_NAMES, NAUGHTY_STRINGS, NAUGHTY_URLS, PROTOTYPE_MEMBERS } from '../fixtures/hostile-strings.js';

/** Routes of every surface that read a JSON body. */
const ROUTES = ['/api/v1/threads', '/api/v1/agents', '/api/v1/providers', '/api/v1/collections', '/api/v1/runs'];
const OPENAI_ROUTES = ['/openai/v1/chat/completions', '/openai/v1/responses', '/openai/v1/embeddings'];

const named = (texts: readonly string[]) => texts.map((text) => [JSON.stringify(text).slice(0, 60), text] as const);
const pathsOf = ({ body }: TestResponse) => (body.error.details as { path: string }[]).map(({ path }) => path);

describe('hostile input', () => {
  let app: TestApp;
  let collection: string;
  beforeAll(async () => {
    app = await startTestApp();
    const { body } = await app.post('/api/v1/collections', { name: 'hostile' });
    collection = body.data.id as string;
  });
  afterAll(() => app.close());

  describe('as JSON', () => {
    it.each(Object.keys(REFUSED_JSON))('is refused everywhere: %s', async (name) => {
      for (const route of [...ROUTES, ...OPENAI_ROUTES]) {
        const response = await fetch(new URL(route, app.url), {
          method: 'POST',
          headers: { authorization: `Bearer ${app.apiKey}`, 'content-type': 'application/json' },
          body: REFUSED_JSON[name]! as string,
        });
        expect([route, response.status]).toEqual([route, 400]);
      }
    });

    it('names the number that has to be a string', async () => {
      const text = '{"metadata":{"order":{"id":12345678901234567890}}}';
      const { body } = await app.post('/api/v1/threads', text);
      expect(body.error.details).toEqual([
        {
          path: 'metadata.order.id',
          code: 'number_out_of_range',
          message: expect.stringContaining('Send it as a string'),
        },
      ]);
    });

    it.each(KEPT_VALUES)('comes back as it was sent: %j', async (metadata) => {
      const { body } = await app.post('/api/v1/threads', { metadata });
      expect(body.data.metadata).toEqual(metadata);
      const read = await app.get(`/api/v1/threads/${body.data.id}`);
      expect(Object.keys(read.body.data.metadata as object).toSorted()).toEqual(Object.keys(metadata).toSorted());
      expect(read.body.data.metadata).toEqual(metadata);
    });
  });

  describe('as names', () => {
    it.each(PROTOTYPE_MEMBERS)('is an unknown field of every body: %s', async (name) => {
      for (const route of ROUTES) {
        const answer = await app.post(route, { [name]: 1 });
        expect([route, answer.status]).toEqual([route, 400]);
        expect(pathsOf(answer)).toContain(name);
      }
      const { body, status } = await app.post('/openai/v1/responses', { model: 'default', input: 'x', [name]: 1 });
      expect([status, body.error.param]).toEqual([400, name]);
    });

    it.each([...PROTOTYPE_MEMBERS, ...FORBIDDEN_NAMES])('is an unknown parameter of every query: %s', async (name) => {
      for (const route of ['/api/v1/threads', '/api/v1/usage', '/api/v1/tools', '/api/v1/jobs']) {
        const answer = await app.get(`${route}?${name}=1`);
        expect([route, answer.status]).toEqual([route, 400]);
        expect(pathsOf(answer)).toEqual([name]);
      }
    });

    it.each(PROTOTYPE_MEMBERS)('is a name like any other, of tools, models and properties: %s', async (name) => {
      const schema = { type: 'object', properties: { [name]: { type: 'string', format: name } }, required: [name] };
      const tool = { type: 'function', function: { name, description: name, parameters: schema } };
      const statuses = await Promise.all([
        app.post('/openai/v1/chat/completions', {
          model: 'builtin/extractive',
          messages: [{ role: 'user', content: `call ${name}` }],
          tools: [tool],
        }),
        app.post('/openai/v1/chat/completions', { model: name, messages: [{ role: 'user', content: name }] }),
        app.post('/openai/v1/chat/completions', { model: `${name}/${name}`, messages: [] }),
        app.post('/api/v1/agents', { name, kind: 'tool-loop', tools: [name], model: { preferences: { [name]: 1 } } }),
        app.post('/api/v1/agents', { name, kind: name }),
        app.post('/api/v1/collections', { name, language: name }),
        app.post(`/api/v1/collections/${collection}/query`, { query: name, filter: { [name]: name } }),
        app.post(`/api/v1/collections/${collection}/query`, { query: name, filter: { [`metadata.${name}`]: name } }),
        app.post(`/api/v1/collections/${collection}/query`, { query: name, filter: { 'metadata.a': { [name]: 1 } } }),
        app.get(`/api/v1/usage?groupBy=${name}`),
        app.get(`/api/v1/providers/${name}`),
        app.get(`/api/v1/tools/${name}`),
        app.get(`/api/v1/jobs?queue=${name}&state=${name}`),
        app.post(`/api/v1/tools/${name}/invoke`, { input: { [name]: name } }),
        app.post('/api/v1/tools/calculator/invoke', { input: { [name]: name } }),
      ]);
      expect(statuses.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
    });
  });

  describe('as a form', () => {
    const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhello';
    it.each([
      ['without a boundary', 'multipart/form-data', part],
      ['with an empty boundary', 'multipart/form-data; boundary=', part],
      ['with another boundary', 'multipart/form-data; boundary=c', `${part}\r\n--b--\r\n`],
      ['that ends within a part', 'multipart/form-data; boundary=b', part],
      ['without a part', 'multipart/form-data; boundary=b', '--b--\r\n'],
      ['with a part without a header', 'multipart/form-data; boundary=b', '--b\r\nGARBAGE\r\n\r\nx\r\n--b--\r\n'],
    ])('is refused %s', async (_what, type, body) => {
      for (const route of [`/api/v1/collections/${collection}/documents`, '/openai/v1/audio/transcriptions']) {
        const answer = await app.post(route, body, { headers: { 'content-type': type } });
        expect([route, answer.status]).toEqual([route, 400]);
      }
    });
  });

  describe('as text', () => {
    it.each(named(NAUGHTY_STRINGS))('is kept byte for byte or refused: %s', async (_name, text) => {
      const { status, body } = await app.post('/api/v1/threads', {
        title: text,
        userId: text,
        metadata: { [text]: text },
      });
      expect([201, 400]).toContain(status);
      if (status === 201) expect(body.data).toMatchObject({ title: text, userId: text, metadata: { [text]: text } });
    });

    it.each(named(NAUGHTY_URLS))('is a URL that no route answers with a fault of ours: %s', async (_name, url) => {
      const document = await app.post(`/api/v1/collections/${collection}/documents`, { title: 'x', url });
      const provider = await app.post('/api/v1/providers', {
        id: 'naughty',
        kind: 'openai-compatible',
        baseUrl: url,
        models: [{ name: 'm' }],
      });
      await app.delete('/api/v1/providers/naughty');
      for (const { status, body } of [document, provider]) {
        expect([201, 202, 400, 403]).toContain(status);
        if (status === 400) expect(['url', 'baseUrl']).toContain(body.error.details[0].path);
      }
    });
  });
});
