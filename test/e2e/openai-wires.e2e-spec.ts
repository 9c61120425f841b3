import { BadRequestError, RateLimitError } from 'openai';
import { ANTHROPIC_WIRE, FakeModel, GOOGLE_WIRE, OPENAI_WIRE, type WireFormat } from '@guildhall/testing';
import { type OpenAiHouse, failing, openAiHouse } from './openai-house.js';

const ASK = [{ role: 'user' as const, content: 'What is two plus two?' }];
const PARAMETERS = { type: 'object', properties: { expression: { type: 'string' } }, required: ['expression'] };
const CALL = { toolCalls: [{ id: 'c1', name: 'calculator', arguments: { expression: '2+2' } }] };
const USAGE = { inputTokens: 12, outputTokens: 3 };

describe.each<[string, WireFormat]>([
  ['openai-compatible', OPENAI_WIRE],
  ['anthropic', ANTHROPIC_WIRE],
  ['google', GOOGLE_WIRE],
])('the openai client, before a vendor that speaks %s', (kind, wire) => {
  let at: OpenAiHouse;
  let vendor: FakeModel;
  let name: string;

  beforeAll(async () => {
    at = await openAiHouse();
    vendor = await FakeModel.start(wire);
  });
  beforeEach(async () => {
    vendor.reset();
    name = await at.provider({ kind, baseUrl: vendor.baseUrl });
  });
  afterEach(() => at.removeProviders());
  afterAll(async () => {
    await at.stop();
    await vendor.stop();
  });

  it('chats, whole and streamed', async () => {
    vendor.otherwise({ text: 'It is four.', usage: USAGE });
    const { choices, usage } = await at.client.chat.completions.create({ model: name, messages: ASK });
    expect(choices[0]).toMatchObject({ message: { content: 'It is four.' }, finish_reason: 'stop' });
    expect(usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 });
    const stream = at.client.chat.completions.stream({ model: name, messages: ASK });
    expect(await stream.finalContent()).toBe('It is four.');
  });

  it('responds, whole and streamed', async () => {
    vendor.otherwise({ text: 'It is four.', usage: USAGE });
    const response = await at.client.responses.create({ model: name, input: ASK, instructions: 'Be brief.' });
    expect(response).toMatchObject({ output_text: 'It is four.', usage: { input_tokens: 12, output_tokens: 3 } });
    const final = await at.client.responses.stream({ model: name, input: ASK }).finalResponse();
    expect(final).toMatchObject({ output_text: 'It is four.', usage: { input_tokens: 12, output_tokens: 3 } });
  });

  it('shows what the model thinks aloud before what it says, streamed too', async () => {
    vendor.otherwise({ reasoning: 'Sums.', text: 'Four.' });
    const whole = await at.client.responses.create({ model: name, input: ASK });
    const streamed = await at.client.responses.stream({ model: name, input: ASK }).finalResponse();
    for (const { output } of [whole, streamed]) {
      expect(output).toMatchObject([
        { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'Sums.' }] },
        { type: 'message', content: [{ text: 'Four.' }] },
      ]);
    }
  });

  it('calls tools and takes their results, in chat', async () => {
    vendor.script(CALL, { text: 'Four.' });
    const tools = [{ type: 'function' as const, function: { name: 'calculator', parameters: PARAMETERS } }];
    const first = await at.client.chat.completions.create({ model: name, messages: ASK, tools });
    const { message } = first.choices[0]!;
    const result = { role: 'tool' as const, tool_call_id: message.tool_calls![0]!.id, content: '4' };
    const messages = [...ASK, message, result];
    const second = await at.client.chat.completions.create({ model: name, messages, tools });
    expect(second.choices[0]!.message.content).toBe('Four.');
  });

  it('calls tools and takes their results, in responses', async () => {
    vendor.script(CALL, { text: 'Four.' });
    const tools = [{ type: 'function' as const, name: 'calculator', parameters: PARAMETERS, strict: false }];
    const first = await at.client.responses.stream({ model: name, input: ASK, tools }).finalResponse();
    const [call] = first.output;
    if (call?.type !== 'function_call') throw new Error(JSON.stringify(first.output));
    expect(call.arguments).toBe('{"expression":"2+2"}');
    const result = { type: 'function_call_output' as const, call_id: call.call_id, output: '4' };
    const more = { previous_response_id: first.id, input: [result], tools };
    expect((await at.client.responses.create({ model: name, ...more })).output_text).toBe('Four.');
  });

  it('fails as OpenAI does', async () => {
    vendor.script({ status: 400 }, { status: 400 });
    expect(await failing(at.client.chat.completions.create({ model: name, messages: ASK }))).toBeInstanceOf(
      BadRequestError,
    );
    expect(await failing(at.client.responses.create({ model: name, input: ASK }))).toBeInstanceOf(BadRequestError);
    vendor.otherwise({ status: 429, retryAfter: 20 });
    for (const stream of [false, true]) {
      const busy = await failing(at.client.responses.create({ model: name, input: ASK, stream }));
      expect(busy).toBeInstanceOf(RateLimitError);
      expect(busy.headers?.get('retry-after')).toBe('20');
    }
  });
});
