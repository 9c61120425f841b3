import { BadRequestError, NotFoundError, PermissionDeniedError } from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { z } from 'zod';
import { type OpenAiHouse, failing, openAiHouse } from './openai-house.js';

const ASK = 'What is two plus two?';
const CALCULATOR = {
  type: 'function' as const,
  name: 'calculator',
  description: 'Calculates',
  parameters: { type: 'object', properties: { expression: { type: 'string' } }, required: ['expression'] },
  strict: false,
};
const CALL = { toolCalls: [{ id: 'c1', name: 'calculator', arguments: { expression: '2+2' } }] };
const USAGE = { inputTokens: 12, outputTokens: 3, cachedTokens: 4 };

describe('responses of the openai client', () => {
  let at: OpenAiHouse;
  let name: string;

  beforeAll(async () => {
    at = await openAiHouse();
  });
  beforeEach(async () => {
    at.model.reset();
    name = await at.provider();
  });
  afterEach(() => at.removeProviders());
  afterAll(() => at.stop());

  const streamed = async (body: object): Promise<ResponseStreamEvent[]> => {
    const events = [];
    for await (const event of await at.client.responses.create({ model: name, input: ASK, ...body, stream: true })) {
      events.push(event);
    }
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index));
    return events;
  };

  it('answers, with usage, and repeats what it was asked', async () => {
    at.model.script({ text: 'Four.', usage: USAGE });
    const response = await at.client.responses.create({
      model: name,
      instructions: 'Be brief.',
      input: ASK,
      max_output_tokens: 50,
      temperature: 0.5,
      metadata: { case: 'sum' },
      user: 'u1',
    });
    expect(response).toMatchObject({
      id: expect.stringMatching(/^resp_[0-9a-z]{26}$/),
      object: 'response',
      status: 'completed',
      model: name,
      output_text: 'Four.',
      output: [{ type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text' }] }],
      instructions: 'Be brief.',
      max_output_tokens: 50,
      temperature: 0.5,
      metadata: { case: 'sum' },
      user: 'u1',
      error: null,
      incomplete_details: null,
      usage: { input_tokens: 12, input_tokens_details: { cached_tokens: 4 }, output_tokens: 3, total_tokens: 15 },
      guildhall: { provider: name.split('/')[0], model: 'small' },
    });
    const sent = at.model.requests[0]!.body;
    expect(sent.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: ASK },
    ]);
    expect(sent).toMatchObject({ max_tokens: 50, temperature: 0.5 });
  });

  it('streams typed events, each item from its beginning to its end', async () => {
    at.model.script({ reasoning: 'Sums.', text: 'It is four.', ...CALL, usage: USAGE });
    const events = await streamed({ tools: [CALCULATOR] });
    expect(events.map(({ type }) => type.replace('response.', ''))).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'reasoning_text.delta',
      'reasoning_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      ...Array.from({ length: 3 }, () => 'output_text.delta'),
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ]);
    const last = events.at(-1)!;
    if (last.type !== 'response.completed') throw new Error(last.type);
    expect(last.response.output).toMatchObject([
      { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'Sums.' }] },
      { type: 'message', content: [{ text: 'It is four.' }] },
      { type: 'function_call', call_id: 'c1', name: 'calculator', arguments: '{"expression":"2+2"}' },
    ]);
    expect(last.response.usage).toMatchObject({ total_tokens: 15 });
    expect(await at.client.responses.retrieve(last.response.id)).toMatchObject({
      output: last.response.output,
      output_text: 'It is four.',
    });
  });

  it('streams through the client’s own accumulator', async () => {
    at.model.script({ reasoning: 'Sums.', text: 'It is four.', ...CALL });
    const stream = at.client.responses.stream({ model: name, input: ASK, tools: [CALCULATOR] });
    const said: string[] = [];
    stream.on('response.output_text.delta', ({ delta }) => said.push(delta));
    const final = await stream.finalResponse();
    expect(said.join('')).toBe('It is four.');
    expect(final.output_text).toBe('It is four.');
    expect(final.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call']);
  });

  it('parses structured output', async () => {
    at.model.script({ text: '{"answer":4}' });
    const format = zodTextFormat(z.object({ answer: z.number() }), 'sum');
    const response = await at.client.responses.parse({ model: name, input: ASK, text: { format } });
    expect(response.output_parsed).toEqual({ answer: 4 });
    expect(at.model.requests[0]!.body['response_format']).toMatchObject({
      type: 'json_schema',
      json_schema: { schema: { type: 'object', required: ['answer'] } },
    });
  });

  it('offers tools, and goes on from the response that called them', async () => {
    at.model.script(CALL, { text: 'Four.' }, { text: 'Five.' });
    const first = await at.client.responses.create({ model: name, input: ASK, tools: [CALCULATOR] });
    const [call] = first.output;
    if (call?.type !== 'function_call') throw new Error(JSON.stringify(first.output));
    expect(JSON.parse(call.arguments)).toEqual({ expression: '2+2' });
    const output = { type: 'function_call_output' as const, call_id: call.call_id, output: '4' };
    const second = await at.client.responses.create({ model: name, previous_response_id: first.id, input: [output] });
    expect(second).toMatchObject({ output_text: 'Four.', previous_response_id: first.id });
    await at.client.responses.create({ model: name, previous_response_id: second.id, input: 'And one more?' });
    expect(at.model.requests[2]!.body.messages).toMatchObject([
      { role: 'user', content: ASK },
      { role: 'assistant', tool_calls: [{ id: 'c1', function: { name: 'calculator' } }] },
      { role: 'tool', tool_call_id: 'c1', content: '4' },
      { role: 'assistant', content: 'Four.' },
      { role: 'user', content: 'And one more?' },
    ]);
    const unanswered = at.client.responses.create({ model: name, previous_response_id: first.id, input: 'Well?' });
    expect(await failing(unanswered)).toMatchObject({ status: 400, param: 'input' });
  });

  it('takes a whole conversation as items, with pictures', async () => {
    at.model.script({ text: 'A cat.' });
    const image = 'data:image/png;base64,iVBORw0KGgo=';
    await at.client.responses.create({
      model: name,
      input: [
        { role: 'developer', content: 'Be kind.' },
        { role: 'assistant', content: 'Yes?' },
        { type: 'function_call', call_id: 'c9', name: 'look', arguments: '{"at":1}' },
        { type: 'function_call_output', call_id: 'c9', output: [{ type: 'input_text', text: 'a picture' }] },
        { type: 'reasoning', id: 'rs_1', summary: [] },
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_image', image_url: image, detail: 'auto' },
          ],
        },
      ],
    });
    expect(at.model.requests[0]!.body.messages).toMatchObject([
      { role: 'system', content: 'Be kind.' },
      { role: 'assistant', content: 'Yes?', tool_calls: [{ id: 'c9' }] },
      { role: 'tool', tool_call_id: 'c9', content: 'a picture' },
      { role: 'user', content: [{ type: 'text' }, { type: 'image_url', image_url: { url: image } }] },
    ]);
  });

  it('says when an answer is not whole', async () => {
    at.model.otherwise({ text: 'It is', finishReason: 'length' });
    const response = await at.client.responses.create({ model: name, input: ASK });
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    });
    expect((await streamed({})).at(-1)!.type).toBe('response.incomplete');
  });

  it('fails with a status before the first word, and with an event after it', async () => {
    at.model.script({ status: 400 }, { chunks: ['It ', 'is '], end: 'cut' });
    expect(await failing(at.client.responses.create({ model: name, input: ASK, stream: true }))).toBeInstanceOf(
      BadRequestError,
    );
    const last = (await streamed({})).at(-1)!;
    if (last.type !== 'response.failed') throw new Error(last.type);
    expect(last.response).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
    expect(last.response.output).toMatchObject([{ status: 'incomplete', content: [{ text: 'It is ' }] }]);
    const next = { model: name, previous_response_id: last.response.id, input: 'Well?' };
    expect(await failing(at.client.responses.create(next))).toMatchObject({ param: 'previous_response_id' });
  });

  it('keeps, lists and removes what was stored, and only that', async () => {
    at.model.otherwise({ text: 'Four.' });
    const input = ['One', 'Two', 'Three'].map((content) => ({ role: 'user' as const, content }));
    const { id } = await at.client.responses.create({ model: name, input });
    const texts = [];
    for await (const item of at.client.responses.inputItems.list(id, { limit: 2, order: 'asc' })) {
      texts.push(item.type === 'message' && item.content[0]);
    }
    expect(texts).toEqual(['One', 'Two', 'Three'].map((text) => ({ type: 'input_text', text })));
    await at.client.responses.delete(id);
    expect(await failing(at.client.responses.retrieve(id))).toBeInstanceOf(NotFoundError);
    expect(await failing(at.client.responses.delete(id))).toBeInstanceOf(NotFoundError);
    const next = at.client.responses.create({ model: name, input: ASK, previous_response_id: id });
    expect(await failing(next)).toMatchObject({ status: 400, code: 'previous_response_not_found' });
    const unkept = await at.client.responses.create({ model: name, input: ASK, store: false });
    expect(await failing(at.client.responses.retrieve(unkept.id))).toBeInstanceOf(NotFoundError);
  });

  it('has no response for another tenant, and needs the scopes of who answered', async () => {
    at.model.otherwise({ text: 'Four.' });
    const { id } = await at.client.responses.create({ model: name, input: ASK });
    const stranger = at.connect({ apiKey: await at.house.otherTenant('another') });
    for (const call of [
      stranger.responses.retrieve(id),
      stranger.responses.delete(id),
      stranger.responses.inputItems.list(id),
    ]) {
      expect(await failing(call)).toMatchObject({ status: 404, type: 'invalid_request_error' });
    }
    const going = { model: 'builtin/extractive', input: ASK, previous_response_id: id };
    expect(await failing(stranger.responses.create(going))).toMatchObject({ code: 'previous_response_not_found' });
    const { body } = await at.house.post('/api/v1/api-keys', { name: 'reader', scopes: ['models:read'] });
    const reader = at.connect({ apiKey: body.data.key });
    expect((await reader.responses.retrieve(id)).output_text).toBe('Four.');
    expect(await failing(reader.responses.delete(id))).toBeInstanceOf(PermissionDeniedError);
    expect(await failing(reader.responses.create({ model: name, input: ASK }))).toBeInstanceOf(PermissionDeniedError);
    expect((await at.client.responses.retrieve(id)).id).toBe(id);
  });

  it.each<[string, object]>([
    ['background', { background: true }],
    ['conversation', { conversation: 'conv_1' }],
    ['prompt', { prompt: { id: 'pmpt_1' } }],
    ['include', { include: ['message.output_text.logprobs'] }],
    ['truncation', { truncation: 'auto' }],
    ['tools[0].type', { tools: [{ type: 'web_search' }] }],
    ['tool_choice', { tool_choice: 'required' }],
    ['input[0].type', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
    ['nonsense', { nonsense: 1 }],
    ['temperature', { temperature: 'hot' }],
    ['model', { model: '' }],
  ])('refuses %s by name', async (param, body) => {
    const error = await failing(at.client.responses.create({ model: name, input: ASK, ...body } as never));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error.param).toBe(param);
    expect(error.message).toContain(param.split(/[.[]/, 1)[0]);
    expect(at.model.requests).toEqual([]);
  });
});
