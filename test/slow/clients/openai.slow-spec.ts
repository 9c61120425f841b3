import { zodFunction, zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { failing } from '../../e2e/openai-house.js';
import { type ClientHouse, SUM_QUESTION, asksTool, clientHouse, sum, sumArguments } from './client-house.js';

const messages = [{ role: 'user' as const, content: SUM_QUESTION }];

describe('the openai package, unmodified', () => {
  let at: ClientHouse;

  beforeAll(async () => {
    at = await clientHouse();
  });
  beforeEach(() => at.model.reset());
  afterAll(() => at.stop());

  const calculator = (asked: string[]) =>
    zodFunction({
      name: 'calculator',
      description: 'Evaluates arithmetic exactly',
      parameters: sumArguments,
      function: ({ expression }) => {
        asked.push(expression);
        return '144';
      },
    });

  it.each(['vendor', 'agent/summer'])('parses a chat completion by a zod schema: %s', async (model) => {
    at.model.otherwise({ text: '{"answer":144}' });
    const { choices } = await at.client.chat.completions.parse({
      model: model === 'vendor' ? at.vendor : model,
      messages,
      response_format: zodResponseFormat(sum, 'sum'),
    });
    expect(choices[0]!.message.parsed).toEqual({ answer: 144 });
  });

  it.each(['vendor', 'agent/summer'])('parses a response by a zod schema: %s', async (model) => {
    at.model.otherwise({ text: '{"answer":144}' });
    const { output_parsed } = await at.client.responses.parse({
      model: model === 'vendor' ? at.vendor : model,
      input: SUM_QUESTION,
      text: { format: zodTextFormat(sum, 'sum') },
    });
    expect(output_parsed).toEqual({ answer: 144 });
  });

  it('parses what the built-in model reads from the question', async () => {
    const email = z.object({ email: z.string() });
    const content = 'I am ann@example.org';
    const { choices } = await at.client.chat.completions.parse({
      model: 'builtin/extractive',
      messages: [{ role: 'user', content }],
      response_format: zodResponseFormat(email, 'email'),
    });
    expect(choices[0]!.message.parsed).toEqual({ email: 'ann@example.org' });
    const { output_parsed } = await at.client.responses.parse({
      model: 'builtin/extractive',
      input: content,
      text: { format: zodTextFormat(email, 'email') },
    });
    expect(output_parsed).toEqual({ email: 'ann@example.org' });
  });

  it('is told what an agent lacks that is asked for a form', async () => {
    const model = 'agent/helper';
    const chat = at.client.chat.completions.parse({
      model,
      messages,
      response_format: zodResponseFormat(sum, 'sum'),
    });
    const response = at.client.responses.parse({
      model,
      input: SUM_QUESTION,
      text: { format: zodTextFormat(sum, 'sum') },
    });
    for (const [asked, param] of [
      [chat, 'response_format'],
      [response, 'text'],
    ] as const) {
      const error = await failing(asked);
      expect(error).toMatchObject({ status: 400, code: 'unsupported_parameter', param });
      expect(error.message).toContain('outputSchema');
    }
  });

  it.each(['vendor', 'builtin/extractive', 'agent/helper'])('streams chats and responses: %s', async (named) => {
    const model = named === 'vendor' ? at.vendor : named;
    at.model.otherwise({ text: 'It is 144.' });
    const chat = at.client.chat.completions.stream({ model, messages });
    let heard = '';
    chat.on('content', (delta) => (heard += delta));
    const said = (await chat.finalChatCompletion()).choices[0]!.message.content;
    expect(heard).toBe(said);
    const response = at.client.responses.stream({ model, input: SUM_QUESTION });
    let deltas = '';
    response.on('response.output_text.delta', ({ delta }) => (deltas += delta));
    expect(deltas).toBe('');
    expect((await response.finalResponse()).output_text).toBe(said);
    expect(deltas).toBe(said);
  });

  it.each(['vendor', 'builtin/extractive'])('runs the caller’s tools until the answer: %s', async (named) => {
    const model = named === 'vendor' ? at.vendor : named;
    for (const stream of [false, true]) {
      at.model.script(asksTool, { text: 'It is 144.' });
      const asked: string[] = [];
      const options = { model, messages, tools: [calculator(asked)] };
      const runner = stream
        ? at.client.chat.completions.runTools({ ...options, stream: true })
        : at.client.chat.completions.runTools(options);
      expect(await runner.finalContent()).toContain('144');
      expect(asked).toHaveLength(1);
    }
  });

  it('has an agent use its own tools', async () => {
    at.model.script(asksTool, { text: 'It is 144.' });
    const { choices } = await at.client.chat.completions.create({ model: 'agent/helper', messages });
    expect(choices[0]!.message.content).toBe('It is 144.');
    expect(JSON.stringify(at.model.requests[1]!.body.messages)).toContain('144');
  });
});
