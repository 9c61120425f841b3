import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import { FakeModel, type FakeReply, type TestApp, startTestApp } from '@guildhall/testing';

const CANARY = 'sk-canary-51c8e2b7d9f34a06';
const ASK = [{ role: 'user' as const, content: 'What is two plus two?' }];
const TOOLS = [
  {
    type: 'function' as const,
    function: {
      name: 'calculator',
      description: 'Calculates',
      parameters: { type: 'object', properties: { expression: { type: 'string' } }, required: ['expression'] },
    },
  },
];

describe('the openai client, unmodified, against /openai/v1', () => {
  let house: TestApp;
  let model: FakeModel;
  let client: OpenAI;
  const stored: string[] = [];

  const connect = (options: object = {}) =>
    new OpenAI({ baseURL: `${house.url}/openai/v1`, apiKey: house.apiKey, maxRetries: 0, ...options });
  /** Each test has a provider of its own, with measurements and a breaker of its own. */
  const provider = async (more: object = {}): Promise<string> => {
    const id = `p${stored.length + 1}`;
    const models = [{ name: 'small', inputPricePerMTok: 500_000, outputPricePerMTok: 1_000_000 }];
    const body = { id, kind: 'openai-compatible', baseUrl: model.baseUrl, apiKey: CANARY, models, ...more };
    const { status } = await house.post('/api/v1/providers', body);
    expect(status).toBe(201);
    stored.push(id);
    return `${id}/small`;
  };
  const failing = async (call: PromiseLike<unknown>): Promise<APIError> => {
    const error = await Promise.resolve(call).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(APIError);
    expect(JSON.stringify(error) + String(error)).not.toContain(CANARY);
    return error as APIError;
  };
  const streamed = async (name: string, options: object = {}) => {
    const chunks = [];
    const stream = await client.chat.completions.create({ model: name, messages: ASK, stream: true, ...options });
    for await (const chunk of stream) chunks.push(chunk);
    return { chunks, text: chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('') };
  };

  beforeAll(async () => {
    model = await FakeModel.start();
    house = await startTestApp();
    client = connect();
  });
  beforeEach(() => model.reset());
  afterEach(async () => {
    for (const id of stored) await house.delete(`/api/v1/providers/${id}`);
  });
  afterAll(async () => {
    await house.close();
    await model.stop();
  });

  it('completes a chat, with usage, and sends the vendor what the client sent', async () => {
    const name = await provider();
    model.script({ text: 'Four.', usage: { inputTokens: 12, outputTokens: 3 } });
    const completion = await client.chat.completions.create({ model: name, messages: ASK, top_p: 0.9, user: 'u1' });
    expect(completion.choices[0]).toMatchObject({
      message: { role: 'assistant', content: 'Four.' },
      finish_reason: 'stop',
    });
    expect(completion.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 });
    expect(completion._request_id).toMatch(/^req_/);
    expect(model.requests[0]!.body).toEqual({ model: 'small', messages: ASK, top_p: 0.9, user: 'u1' });
    expect(model.requests[0]!.headers.authorization).toBe(`Bearer ${CANARY}`);
  });

  it('streams, with the counting chunk only for who asks for it', async () => {
    const name = await provider();
    model.otherwise({ text: 'It is four.', usage: { inputTokens: 12, outputTokens: 3 } });
    const plain = await streamed(name);
    expect(plain.text).toBe('It is four.');
    expect(plain.chunks.every(({ choices }) => choices.length === 1)).toBe(true);
    const counted = await streamed(name, { stream_options: { include_usage: true } });
    expect(counted.text).toBe('It is four.');
    expect(counted.chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 3 } });
  });

  it('offers tools and takes their results', async () => {
    const name = await provider();
    model.script(
      { toolCalls: [{ name: 'calculator', arguments: { expression: '2+2' } }] },
      { text: 'Four.' },
      { toolCalls: [{ name: 'calculator', arguments: { expression: '2+2' } }] },
    );
    const first = await client.chat.completions.create({ model: name, messages: ASK, tools: TOOLS });
    expect(first.choices[0]!.finish_reason).toBe('tool_calls');
    const [call] = first.choices[0]!.message.tool_calls!;
    expect(call).toMatchObject({ function: { name: 'calculator', arguments: '{"expression":"2+2"}' } });
    const result = { role: 'tool' as const, tool_call_id: call!.id, content: '4' };
    const messages = [...ASK, first.choices[0]!.message, result];
    const second = await client.chat.completions.create({ model: name, messages, tools: TOOLS });
    expect(second.choices[0]!.message.content).toBe('Four.');
    expect(model.requests[1]!.body.messages.at(-1)).toEqual(result);
    const { chunks } = await streamed(name, { tools: TOOLS });
    const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(deltas.map((delta) => delta.function?.arguments).join('')).toBe('{"expression":"2+2"}');
  });

  it('parses structured output', async () => {
    const name = await provider();
    model.script({ text: '{"answer":4}' });
    const schema = { type: 'object', properties: { answer: { type: 'number' } }, required: ['answer'] };
    const format = { type: 'json_schema' as const, json_schema: { name: 'answer', strict: true, schema } };
    const completion = await client.chat.completions.parse({ model: name, messages: ASK, response_format: format });
    expect(completion.choices[0]!.message.parsed).toEqual({ answer: 4 });
    expect(model.requests[0]!.body['response_format']).toEqual(format);
  });

  it('lists models and shows one, its name encoded or not', async () => {
    const name = await provider();
    const ids = [];
    for await (const one of client.models.list()) ids.push(one.id);
    expect(ids).toEqual(expect.arrayContaining(['default', 'builtin/extractive', name]));
    expect(await client.models.retrieve(name)).toEqual({
      id: name,
      object: 'model',
      created: 0,
      owned_by: name.split('/')[0],
    });
    expect((await house.get(`/openai/v1/models/${name}`)).body.id).toBe(name);
    expect(await failing(client.models.retrieve('nobody/nothing'))).toBeInstanceOf(NotFoundError);
  });

  it('serves the built-in model, which speaks no wire format', async () => {
    const messages = [{ role: 'user' as const, content: 'What is 12 * 12?' }];
    const options = { model: 'builtin/extractive', messages, tools: TOOLS };
    const completion = await client.chat.completions.create(options);
    expect(completion).toMatchObject({ object: 'chat.completion', model: 'extractive' });
    const { choices } = completion;
    expect(choices[0]!.message.content ?? choices[0]!.message.tool_calls).toBeTruthy();
    const { text, chunks } = await streamed('builtin/extractive', { stream_options: { include_usage: true } });
    expect(text.length).toBeGreaterThan(0);
    expect(chunks.at(-1)!.usage!.total_tokens).toBeGreaterThan(0);
  });

  it('embeds, in the encoding the client asks for', async () => {
    const name = await provider();
    const data = [
      { object: 'embedding', index: 0, embedding: [0.5, -0.25] },
      { object: 'embedding', index: 1, embedding: [1, 0] },
    ];
    const raw = JSON.stringify({ object: 'list', data, model: 'small', usage: { prompt_tokens: 4, total_tokens: 4 } });
    model.otherwise({ raw });
    // What the client asks for by itself is base64, which it decodes.
    const decoded = await client.embeddings.create({ model: name, input: ['a', 'b'] });
    expect([...decoded.data[0]!.embedding]).toEqual([0.5, -0.25]);
    expect(decoded.usage).toEqual({ prompt_tokens: 4, total_tokens: 4 });
    const floats = await client.embeddings.create({ model: name, input: ['a', 'b'], encoding_format: 'float' });
    expect(floats.data.map(({ embedding }) => embedding)).toEqual(data.map(({ embedding }) => embedding));
    const asked = { model: name, input: ['a', 'b'], encoding_format: 'base64' };
    const bytes = Buffer.from((await house.post('/openai/v1/embeddings', asked)).body.data[0].embedding, 'base64');
    expect([bytes.length, bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([8, 0.5, -0.25]);
    expect(await failing(client.embeddings.create({ model: 'builtin/extractive', input: 'a' }))).toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'model',
    });
    expect(await failing(client.embeddings.create({ model: 'default', input: 'a' }))).toBeInstanceOf(BadRequestError);
    expect(await failing(client.embeddings.create({ model: name, input: '' }))).toMatchObject({ param: 'input' });
  });

  describe('errors', () => {
    it('has the class of each', async () => {
      const stranger = await failing(connect({ apiKey: 'gh_nobody_nothing' }).models.list());
      expect(stranger).toBeInstanceOf(AuthenticationError);
      expect(stranger.code).toBe('invalid_api_key');
      for (const name of ['nobody/nothing', 'gpt-4o', 'agent/nobody', 'x/']) {
        const unknown = await failing(client.chat.completions.create({ model: name, messages: ASK }));
        expect(unknown).toBeInstanceOf(NotFoundError);
        expect(unknown).toMatchObject({ code: 'model_not_found', type: 'invalid_request_error' });
      }
      const wrong = await failing(client.chat.completions.create({ model: 'default', messages: [] }));
      expect(wrong).toBeInstanceOf(BadRequestError);
      expect(wrong).toMatchObject({ param: 'messages', code: 'validation_failed' });
    });

    it('asks for the scope that the model needs', async () => {
      const keyWith = async (scope: string): Promise<OpenAI> => {
        const { body } = await house.post('/api/v1/api-keys', { name: scope, scopes: [scope] });
        return connect({ apiKey: body.data.key });
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
        await house.post('/openai/v1/chat/completions', '{"model":', { headers }),
        await house.post('/openai/v1/chat/completions', 'null', { headers }),
        await house.post('/openai/v1/chat/completions', 'text', { headers: { 'content-type': 'text/plain' } }),
        await house.get('/openai/v1/nothing'),
        await house.get('/openai/v1/chat/completions'),
        await house.get('/openai/v1/models', { key: null }),
        await house.get('/openai/v1/models/%ff'),
      ];
      expect(answers.map(({ status }) => status)).toEqual([400, 400, 415, 404, 405, 401, 400]);
      for (const { body } of answers) {
        expect(Object.keys(body)).toEqual(['error']);
        expect(Object.keys(body.error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
      }
    });

    it('hands on the vendor’s refusal of the request, without its words', async () => {
      const name = await provider();
      model.script({ status: 400, message: `Key ${CANARY} may not` }, { status: 404 });
      expect(await failing(client.chat.completions.create({ model: name, messages: ASK }))).toBeInstanceOf(
        BadRequestError,
      );
      expect(await failing(client.chat.completions.create({ model: name, messages: ASK }))).toBeInstanceOf(
        NotFoundError,
      );
    });

    it('is a rate limit when every provider is busy', async () => {
      const name = await provider();
      await provider();
      const busy = { status: 429, retryAfter: 20, message: CANARY };
      model.otherwise(busy);
      for (const one of [name, 'default']) {
        const error = await failing(client.chat.completions.create({ model: one, messages: ASK }));
        expect(error).toBeInstanceOf(RateLimitError);
        expect(error.headers?.get('retry-after')).toBe('20');
      }
    });

    it('is a server error when every provider failed, streamed or not', async () => {
      await provider();
      await provider();
      model.otherwise({ status: 503, retryAfter: 20, message: CANARY });
      for (const stream of [false, true]) {
        const error = await failing(client.chat.completions.create({ model: 'default', messages: ASK, stream }));
        expect(error).toBeInstanceOf(InternalServerError);
        expect(error).toMatchObject({ status: 503, code: 'all_providers_failed' });
      }
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
      await provider();
      await provider();
      model.script(broken, { text: 'From the second.' });
      expect((await streamed('default')).text).toBe('From the second.');
      expect(model.requests).toHaveLength(2);
    });

    it.each<['cut' | 'no-finish']>([['cut'], ['no-finish']])(
      'throws when a stream is over (%s) after its first words, and never splices',
      async (end) => {
        await provider();
        await provider();
        model.script({ chunks: ['One ', 'two '], end }).otherwise({ text: 'from the second' });
        const said: string[] = [];
        const stream = await client.chat.completions.create({ model: 'default', messages: ASK, stream: true });
        const reading = (async () => {
          for await (const { choices } of stream) said.push(choices[0]?.delta.content ?? '');
        })();
        expect(await failing(reading)).toMatchObject({ type: 'server_error' });
        expect(said.join('')).toBe('One two ');
        expect(model.requests).toHaveLength(1);
      },
    );

    it('succeeds by the client’s own retries where ours are used up', async () => {
      const name = await provider();
      model.script({ status: 503, retryAfter: 20 }, { text: 'Four.' });
      // Not waited for by us, and by the client only as long as it is told: here not at all.
      const impatient = connect({
        maxRetries: 2,
        fetch: async (url: string, init: RequestInit) => {
          const response = await fetch(url, init);
          const headers = new Headers(response.headers);
          headers.set('retry-after-ms', '1');
          return new Response(response.body, { status: response.status, headers });
        },
      });
      const completion = await impatient.chat.completions.create({ model: name, messages: ASK });
      expect(completion.choices[0]!.message.content).toBe('Four.');
      expect(model.requests).toHaveLength(2);
    });
  });

  it('stops the vendor when the client stops reading', async () => {
    const gone = Promise.withResolvers<void>();
    const endless = createServer((_request, response) => {
      response.once('close', () => gone.resolve());
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const choices = [{ index: 0, delta: { content: 'word ' }, finish_reason: null }];
      response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices })}\n\n`);
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    const name = await provider({ baseUrl: `http://127.0.0.1:${(endless.address() as AddressInfo).port}/v1` });
    const stream = await client.chat.completions.create({ model: name, messages: ASK, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content === 'word ') break;
    await gone.promise;
    endless.close();
    const { body } = await house.get('/api/v1/providers/ranking');
    expect(body.data.find((row: { provider: string }) => row.provider === name.split('/')[0])).toMatchObject({
      state: 'closed',
      parts: { health: 1 },
    });
  });

  it('repeats a keyed answer as it was', async () => {
    const name = await provider();
    model.script({ text: 'Once.' });
    const options = { headers: { 'Idempotency-Key': 'k1' } };
    const call = { model: name, messages: ASK };
    const first = await client.chat.completions.create(call, options);
    const again = await client.chat.completions.create(call, options);
    expect(again).toEqual(first);
    expect(model.requests).toHaveLength(1);
  });
});
