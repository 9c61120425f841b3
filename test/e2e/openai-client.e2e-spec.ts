import { BadRequestError, NotFoundError } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { CANARY, type OpenAiHouse, failing, openAiHouse } from './openai-house.js';

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

  it('completes a chat, with usage, and sends the vendor what the client sent', async () => {
    const name = await at.provider();
    at.model.script({ text: 'Four.', usage: { inputTokens: 12, outputTokens: 3 } });
    const completion = await at.client.chat.completions.create({ model: name, messages: ASK, top_p: 0.9, user: 'u1' });
    expect(completion.choices[0]).toMatchObject({
      message: { role: 'assistant', content: 'Four.' },
      finish_reason: 'stop',
    });
    expect(completion.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 });
    expect(completion._request_id).toMatch(/^req_/);
    expect(at.model.requests[0]!.body).toEqual({ model: 'small', messages: ASK, top_p: 0.9, user: 'u1' });
    expect(at.model.requests[0]!.headers.authorization).toBe(`Bearer ${CANARY}`);
  });

  it('streams, with the counting chunk only for who asks for it', async () => {
    const name = await at.provider();
    at.model.otherwise({ text: 'It is four.', usage: { inputTokens: 12, outputTokens: 3 } });
    const plain = await streamed(name);
    expect(plain.text).toBe('It is four.');
    expect(plain.chunks.every(({ choices }) => choices.length === 1)).toBe(true);
    const counted = await streamed(name, { stream_options: { include_usage: true } });
    expect(counted.text).toBe('It is four.');
    expect(counted.chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 3 } });
  });

  it('offers tools and takes their results', async () => {
    const name = await at.provider();
    at.model.script(
      { toolCalls: [{ name: 'calculator', arguments: { expression: '2+2' } }] },
      { text: 'Four.' },
      { toolCalls: [{ name: 'calculator', arguments: { expression: '2+2' } }] },
    );
    const first = await at.client.chat.completions.create({ model: name, messages: ASK, tools: TOOLS });
    expect(first.choices[0]!.finish_reason).toBe('tool_calls');
    const [call] = first.choices[0]!.message.tool_calls!;
    expect(call).toMatchObject({ function: { name: 'calculator', arguments: '{"expression":"2+2"}' } });
    const result = { role: 'tool' as const, tool_call_id: call!.id, content: '4' };
    const messages = [...ASK, first.choices[0]!.message, result];
    const second = await at.client.chat.completions.create({ model: name, messages, tools: TOOLS });
    expect(second.choices[0]!.message.content).toBe('Four.');
    expect(at.model.requests[1]!.body.messages.at(-1)).toEqual(result);
    const { chunks } = await streamed(name, { tools: TOOLS });
    const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(deltas.map((delta) => delta.function?.arguments).join('')).toBe('{"expression":"2+2"}');
  });

  it('parses structured output', async () => {
    const name = await at.provider();
    at.model.script({ text: '{"answer":4}' });
    const schema = { type: 'object', properties: { answer: { type: 'number' } }, required: ['answer'] };
    const format = { type: 'json_schema' as const, json_schema: { name: 'answer', strict: true, schema } };
    const completion = await at.client.chat.completions.parse({ model: name, messages: ASK, response_format: format });
    expect(completion.choices[0]!.message.parsed).toEqual({ answer: 4 });
    expect(at.model.requests[0]!.body['response_format']).toEqual(format);
  });

  it('parses structured output by a zod schema', async () => {
    const name = await at.provider();
    at.model.script({ text: '{"answer":4}' });
    const completion = await at.client.chat.completions.parse({
      model: name,
      messages: ASK,
      response_format: zodResponseFormat(z.object({ answer: z.number() }), 'sum'),
    });
    expect(completion.choices[0]!.message.parsed?.answer).toBe(4);
  });

  it('lists models and shows one, its name encoded or not', async () => {
    const name = await at.provider();
    const ids = [];
    for await (const one of at.client.models.list()) ids.push(one.id);
    expect(ids).toEqual(expect.arrayContaining(['default', 'builtin/extractive', name]));
    expect(await at.client.models.retrieve(name)).toEqual({
      id: name,
      object: 'model',
      created: 0,
      owned_by: name.split('/')[0],
    });
    expect((await at.house.get(`/openai/v1/models/${name}`)).body.id).toBe(name);
    expect(await failing(at.client.models.retrieve('nobody/nothing'))).toBeInstanceOf(NotFoundError);
  });

  it('serves the built-in model, which speaks no wire format', async () => {
    const messages = [{ role: 'user' as const, content: 'What is 12 * 12?' }];
    const options = { model: 'builtin/extractive', messages, tools: TOOLS };
    const completion = await at.client.chat.completions.create(options);
    expect(completion).toMatchObject({ object: 'chat.completion', model: 'extractive' });
    const { choices } = completion;
    expect(choices[0]!.message.content ?? choices[0]!.message.tool_calls).toBeTruthy();
    const { text, chunks } = await streamed('builtin/extractive', { stream_options: { include_usage: true } });
    expect(text.length).toBeGreaterThan(0);
    expect(chunks.at(-1)!.usage!.total_tokens).toBeGreaterThan(0);
  });

  it('embeds, in the encoding the client asks for', async () => {
    const name = await at.provider();
    const data = [
      { object: 'embedding', index: 0, embedding: [0.5, -0.25] },
      { object: 'embedding', index: 1, embedding: [1, 0] },
    ];
    const raw = JSON.stringify({ object: 'list', data, model: 'small', usage: { prompt_tokens: 4, total_tokens: 4 } });
    at.model.otherwise({ raw });
    // What the client asks for by itself is base64, which it decodes.
    const decoded = await at.client.embeddings.create({ model: name, input: ['a', 'b'] });
    expect([...decoded.data[0]!.embedding]).toEqual([0.5, -0.25]);
    expect(decoded.usage).toEqual({ prompt_tokens: 4, total_tokens: 4 });
    const floats = await at.client.embeddings.create({ model: name, input: ['a', 'b'], encoding_format: 'float' });
    expect(floats.data.map(({ embedding }) => embedding)).toEqual(data.map(({ embedding }) => embedding));
    const asked = { model: name, input: ['a', 'b'], encoding_format: 'base64' };
    const bytes = Buffer.from((await at.house.post('/openai/v1/embeddings', asked)).body.data[0].embedding, 'base64');
    expect([bytes.length, bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([8, 0.5, -0.25]);
    expect(await failing(at.client.embeddings.create({ model: 'builtin/extractive', input: 'a' }))).toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'model',
    });
    const tokens = [[1, 2], [3]];
    await at.client.embeddings.create({ model: name, input: tokens });
    expect(at.model.requests.at(-1)!.body['input']).toEqual(tokens);
    expect(await failing(at.client.embeddings.create({ model: 'default', input: 'a' }))).toBeInstanceOf(
      BadRequestError,
    );
    expect(await failing(at.client.embeddings.create({ model: name, input: '' }))).toMatchObject({ param: 'input' });
  });

  it('repeats a keyed answer as it was', async () => {
    const name = await at.provider();
    at.model.script({ text: 'Once.' });
    const options = { headers: { 'Idempotency-Key': 'k1' } };
    const call = { model: name, messages: ASK };
    const first = await at.client.chat.completions.create(call, options);
    const again = await at.client.chat.completions.create(call, options);
    expect(again).toEqual(first);
    expect(at.model.requests).toHaveLength(1);
  });
});
