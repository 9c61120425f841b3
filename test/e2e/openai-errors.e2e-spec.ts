import OpenAI, {
  APIConnectionError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import type { FakeReply } from '@guildhall/testing';
import { CANARY, type OpenAiHouse, failing, openAiHouse } from './openai-house.js';

const ASK = [{ role: 'user' as const, content: 'What is two plus two?' }];

describe('failures, for the openai client unmodified', () => {
  let at: OpenAiHouse;

  beforeAll(async () => {
    at = await openAiHouse();
  });
  beforeEach(() => at.model.reset());
  afterEach(() => at.removeProviders());
  afterAll(() => at.stop());

  const streamed = async (name: string, options: object = {}) => {
    const chunks = [];
    const stream = await at.client.chat.completions.create({ model: name, messages: ASK, stream: true, ...options });
    for await (const chunk of stream) chunks.push(chunk);
    return { chunks, text: chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('') };
  };

  describe('errors', () => {
    it('has the class of each', async () => {
      const stranger = await failing(at.connect({ apiKey: 'gh_nobody_nothing' }).models.list());
      expect(stranger).toBeInstanceOf(AuthenticationError);
      expect(stranger.code).toBe('invalid_api_key');
      for (const name of ['nobody/nothing', 'gpt-4o', 'agent/nobody', 'x/']) {
        const unknown = await failing(at.client.chat.completions.create({ model: name, messages: ASK }));
        expect(unknown).toBeInstanceOf(NotFoundError);
        expect(unknown).toMatchObject({ code: 'model_not_found', type: 'invalid_request_error' });
      }
      const wrong = await failing(at.client.chat.completions.create({ model: 'default', messages: [] }));
      expect(wrong).toBeInstanceOf(BadRequestError);
      expect(wrong).toMatchObject({ param: 'messages', code: 'validation_failed' });
    });

    it('asks for the scope that the model needs', async () => {
      const keyWith = async (scope: string): Promise<OpenAI> => {
        const { body } = await at.house.post('/api/v1/api-keys', { name: scope, scopes: [scope] });
        return at.connect({ apiKey: body.data.key });
      };
      const [reader, writer] = [await keyWith('models:read'), await keyWith('models:write')];
      await reader.models.list();
      const call = { model: 'builtin/extractive', messages: ASK };
      expect(await failing(reader.chat.completions.create(call))).toBeInstanceOf(PermissionDeniedError);
      await writer.chat.completions.create(call);
      const agent = { model: 'agent/any', messages: ASK };
      expect(await failing(writer.chat.completions.create(agent))).toBeInstanceOf(PermissionDeniedError);
    });

    it('keeps the shape for what no handler sees', async () => {
      const headers = { 'content-type': 'application/json' };
      const answers = [
        await at.house.post('/openai/v1/chat/completions', '{"model":', { headers }),
        await at.house.post('/openai/v1/chat/completions', 'null', { headers }),
        await at.house.post('/openai/v1/chat/completions', 'text', { headers: { 'content-type': 'text/plain' } }),
        await at.house.get('/openai/v1/nothing'),
        await at.house.get('/openai/v1/chat/completions'),
        await at.house.get('/openai/v1/models', { key: null }),
        await at.house.get('/openai/v1/models/%ff'),
      ];
      expect(answers.map(({ status }) => status)).toEqual([400, 400, 415, 404, 405, 401, 400]);
      for (const { body } of answers) {
        expect(Object.keys(body)).toEqual(['error']);
        expect(Object.keys(body.error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
      }
    });

    it('hands on the vendor’s refusal of the request, without its words', async () => {
      const name = await at.provider();
      at.model.script({ status: 400, message: `Key ${CANARY} may not` }, { status: 404 });
      expect(await failing(at.client.chat.completions.create({ model: name, messages: ASK }))).toBeInstanceOf(
        BadRequestError,
      );
      expect(await failing(at.client.chat.completions.create({ model: name, messages: ASK }))).toBeInstanceOf(
        NotFoundError,
      );
    });

    it('is a rate limit when every provider is busy', async () => {
      const name = await at.provider();
      await at.provider();
      const busy = { status: 429, retryAfter: 20, message: CANARY };
      at.model.otherwise(busy);
      for (const one of [name, 'default']) {
        const error = await failing(at.client.chat.completions.create({ model: one, messages: ASK }));
        expect(error).toBeInstanceOf(RateLimitError);
        expect(error.headers?.get('retry-after')).toBe('20');
      }
    });

    it.each([false, true])('is a server error when every provider failed (stream: %s)', async (stream) => {
      await at.provider();
      await at.provider();
      at.model.otherwise({ status: 503, retryAfter: 20, message: CANARY });
      const error = await failing(at.client.chat.completions.create({ model: 'default', messages: ASK, stream }));
      expect(error).toBeInstanceOf(InternalServerError);
      expect(error).toMatchObject({ status: 503, code: 'all_providers_failed' });
    });
  });

  describe('failover', () => {
    it.each<[string, FakeReply]>([
      ['refuses', { status: 503 }],
      ['closes the connection', { drop: true }],
      ['answers nonsense', { raw: '<html>', contentType: 'text/html' }],
      ['breaks off before its first word', { chunks: [], end: 'cut' }],
      ['ends before its first word', { chunks: [], end: 'no-finish' }],
    ])('does not show when the first provider %s', async (_what, broken) => {
      await at.provider();
      await at.provider();
      at.model.script(broken, { text: 'From the second.' });
      expect((await streamed('default')).text).toBe('From the second.');
      expect(at.model.requests).toHaveLength(2);
    });

    it.each<['cut' | 'no-finish']>([['cut'], ['no-finish']])(
      'throws when a stream is over (%s) after its first words, and never splices',
      async (end) => {
        await at.provider();
        await at.provider();
        at.model.script({ chunks: ['One ', 'two '], end }).otherwise({ text: 'from the second' });
        const said: string[] = [];
        const stream = await at.client.chat.completions.create({ model: 'default', messages: ASK, stream: true });
        const reading = (async () => {
          for await (const { choices } of stream) said.push(choices[0]?.delta.content ?? '');
        })();
        expect(await failing(reading)).toMatchObject({ type: 'server_error' });
        expect(said.join('')).toBe('One two ');
        expect(at.model.requests).toHaveLength(1);
      },
    );
  });

  describe('retries of the client', () => {
    /** Notes what it is told to wait, and waits no longer than a test can. */
    const hurried = (waits: (string | null)[]) => async (url: string | URL | Request, init?: RequestInit) => {
      const response = await fetch(url, init);
      waits.push(response.headers.get('retry-after'));
      const headers = new Headers(response.headers);
      headers.set('retry-after-ms', '1');
      return new Response(response.body, { status: response.status, headers });
    };

    it.each([429, 503])('are told after a %d how long to wait, and reach no vendor before', async (status) => {
      const name = await at.provider();
      at.model.script({ status, retryAfter: 20 });
      const waits: (string | null)[] = [];
      const impatient = at.connect({ maxRetries: 2, fetch: hurried(waits) });
      await failing(impatient.chat.completions.create({ model: name, messages: ASK }));
      expect(waits).toHaveLength(3);
      for (const wait of waits) expect(['19', '20']).toContain(wait);
      expect(at.model.requests).toHaveLength(1);
    });

    it('succeed where the vendor needs longer than the server tries', async () => {
      const name = await at.provider();
      const down = { status: 503 };
      at.model.script(down, down, down, { text: 'Four.' }, down, down, down, { text: 'Five.' });
      const waits: (string | null)[] = [];
      const patient = at.connect({ maxRetries: 2, fetch: hurried(waits) });
      const completion = await patient.chat.completions.create({ model: name, messages: ASK });
      expect(completion.choices[0]!.message.content).toBe('Four.');
      const response = await patient.responses.create({ model: name, input: 'What is two plus three?' });
      expect(response.output_text).toBe('Five.');
      expect(waits).toHaveLength(4);
    });

    it('are not needed where the vendor is back soon', async () => {
      const name = await at.provider();
      at.model.script({ status: 429, retryAfter: 0 }, { text: 'Four.' });
      const completion = await at.client.chat.completions.create({ model: name, messages: ASK });
      expect(completion.choices[0]!.message.content).toBe('Four.');
      expect(at.model.requests).toHaveLength(2);
    });

    it('are not made for a request that is wrong', async () => {
      const name = await at.provider();
      at.model.otherwise({ status: 400 });
      const patient = at.connect({ maxRetries: 2 });
      await failing(patient.chat.completions.create({ model: name, messages: ASK }));
      await failing(patient.responses.create({ model: name, input: 'What?' }));
      expect(at.model.requests).toHaveLength(2);
    });

    it('end in a connection error where nobody listens', async () => {
      const nowhere = at.connect({ baseURL: 'http://127.0.0.1:1/openai/v1' });
      expect(await failing(nowhere.models.list())).toBeInstanceOf(APIConnectionError);
    });
  });
});
