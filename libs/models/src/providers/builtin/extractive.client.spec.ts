import fc from 'fast-check';
import type { ModelCall, ModelMessage, Passage, ToolSpec } from '@guildhall/sdk';
import { BuiltinProvider } from './builtin.provider.js';

const DOCUMENT =
  'Customers may return any item within 30 days of delivery. Return shipping is free for damaged goods.\n\n' +
  'The office opens at 9 am on weekdays.';

const passage = (text: string, chunkId = 'chk_1', charStart = 0): Passage => ({
  chunkId,
  documentId: 'doc_1',
  documentTitle: 'Handbook',
  text,
  score: 1,
  ranks: { lexical: 1 },
  charStart,
  charEnd: charStart + text.length,
  headingPath: [],
  metadata: {},
});

const calculator: ToolSpec = {
  name: 'calculator',
  description: 'Evaluates arithmetic',
  inputSchema: { type: 'object', properties: { expression: { type: 'string' } }, required: ['expression'] },
  effect: 'read',
};
const clock: ToolSpec = {
  name: 'current-time',
  description: 'The current date and time',
  inputSchema: { type: 'object', properties: { timeZone: { type: 'string' } } },
  effect: 'read',
};
const order: ToolSpec = {
  name: 'get-order',
  description: 'The state of an order',
  inputSchema: { type: 'object', properties: { orderId: { type: 'string' } }, required: ['orderId'] },
  effect: 'read',
};
const search: ToolSpec = {
  name: 'knowledge.search',
  description: 'Searches the documents',
  inputSchema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
  effect: 'read',
};

const client = new BuiltinProvider().connect();
const user = (text: string): ModelMessage => ({ role: 'user', text });
const call = (messages: readonly ModelMessage[], more: Partial<ModelCall> = {}): ModelCall => ({
  model: 'extractive',
  messages,
  signal: new AbortController().signal,
  ...more,
});
const ask = (text: string, more: Partial<ModelCall> = {}) =>
  client.generate(call([user(text)], { knowledge: [passage(DOCUMENT)], ...more }));

/** Plays the tool loop: runs the calls a reply asks for with `run` until it answers. */
async function converse(
  text: string,
  more: Partial<ModelCall>,
  run: (tool: string, input: unknown) => Partial<ModelMessage>,
) {
  const messages: ModelMessage[] = [user(text)];
  for (let turn = 0; turn < 5; turn++) {
    const reply = await client.generate(call(messages, more));
    if (reply.toolCalls.length === 0) return { reply, messages };
    messages.push({ role: 'assistant', text: '', toolCalls: reply.toolCalls });
    for (const { id, tool, input } of reply.toolCalls) {
      messages.push({ role: 'tool', callId: id, tool, output: null, ...run(tool, input) } as ModelMessage);
    }
  }
  throw new Error('The conversation went in circles');
}

describe('builtin/extractive', () => {
  it('answers with a verbatim sentence and its citation', async () => {
    const reply = await ask('How long do customers have to return an item?', {
      knowledge: [passage(DOCUMENT, 'chk_1', 40)],
    });
    expect(reply.text).toBe('Customers may return any item within 30 days of delivery. [1]');
    expect(reply.citations).toEqual([
      {
        index: 1,
        documentId: 'doc_1',
        documentTitle: 'Handbook',
        chunkId: 'chk_1',
        charStart: 40,
        charEnd: 97,
        quote: 'Customers may return any item within 30 days of delivery.',
      },
    ]);
    expect(reply).toMatchObject({ finishReason: 'stop', data: { mode: 'extractive' } });
  });

  it.each(['What is the airspeed of an unladen swallow?', 'Hello!', ''])('declines: %j', async (question) => {
    const reply = await ask(question);
    expect(reply).toMatchObject({
      text: 'I found nothing in the documents that answers this.',
      citations: [],
      data: { mode: 'extractive', abstained: true },
    });
  });

  it('says that it has neither documents nor a tool where it has none', async () => {
    for (const tools of [undefined, [], [calculator]]) {
      const reply = await client.generate(call([user('Hello')], tools && { tools }));
      expect(reply).toMatchObject({
        text: 'I have neither documents nor a tool for this.',
        data: { mode: 'extractive', abstained: true },
      });
    }
  });

  it('says which part numbers the documents have where they lack the one asked for', async () => {
    const knowledge = [passage('Gasket AB-123/4 costs 18 euro. Gasket AB-123/5 costs 22 euro.')];
    expect(await ask('What does gasket AB-123/9 cost?', { knowledge })).toMatchObject({
      text: 'I found nothing in the documents on AB-123/9. They have AB-123/4 and AB-123/5.',
      data: { abstained: true },
    });
    expect((await ask('What does gasket AB-123/4 cost?', { knowledge })).text).toBe(
      'Gasket AB-123/4 costs 18 euro. [1]',
    );
  });

  it('answers from the documents where a number or a word only looks like a call of a tool', async () => {
    const knowledge = [
      passage('Photo prints of 10x15 cm cost 20 cent. Complaints must be made within a time limit of 14 days.'),
    ];
    const more = { knowledge, tools: [calculator, clock] };
    expect((await ask('Do you sell 10x15 cm photo prints?', more)).text).toContain('cost 20 cent. [1]');
    expect((await ask('What is the time limit for complaints?', more)).text).toContain('14 days. [1]');
    expect((await ask('What is 10x15?', more)).text).toContain('Photo prints');
    expect((await ask('What is 10 x 16?', more)).toolCalls).toEqual([
      { id: 'call_1', tool: 'calculator', input: { expression: '10 * 16' } },
    ]);
  });

  it('says that it does not know a place, and quotes documents that answer instead', async () => {
    const reply = await ask('What time is it in Atlantis?', { tools: [clock] });
    expect(reply).toMatchObject({
      toolCalls: [],
      text: expect.stringContaining('"Atlantis"'),
      data: { abstained: true },
    });
  });

  it('answers each part of a question and says which part it cannot', async () => {
    const reply = await ask('When does the office open? And what is the melting point of tungsten?');
    expect(reply.text).toBe(
      'The office opens at 9 am on weekdays. [1]\n' +
        'I found nothing in the documents that answers: "And what is the melting point of tungsten?".',
    );
  });

  it('calls the calculator once and states its result beside the documents', async () => {
    const asked: unknown[] = [];
    const { reply } = await converse(
      'How long do customers have to return an item? And what is 17% of 2400?',
      { tools: [calculator], knowledge: [passage(DOCUMENT)] },
      (tool, input) => {
        asked.push([tool, input]);
        return { output: { expression: '17% of 2400', result: 408, exact: true } };
      },
    );
    expect(asked).toEqual([['calculator', { expression: '17% of 2400' }]]);
    expect(reply.text).toBe('Customers may return any item within 30 days of delivery. [1]\ncalculator: 408');
  });

  it('states the fields of a record and adds what the documents say', async () => {
    const { reply } = await converse(
      'Is return shipping free for order 77?',
      { tools: [order], knowledge: [passage(DOCUMENT)] },
      () => ({ output: { id: '77', state: 'damaged', items: ['lamp', 'bulb'], to: { city: 'Bonn' } } }),
    );
    expect(reply.text).toBe(
      'get-order: id 77, state damaged, items lamp; bulb, to (city Bonn)\n' +
        'Return shipping is free for damaged goods. [1]',
    );
  });

  it('says when a tool failed instead of calling it again', async () => {
    const { reply } = await converse('What is 1/0?', { tools: [calculator] }, () => ({
      output: { code: 'tool_failed', message: 'Division by zero' },
      failed: true,
    }));
    expect(reply.text).toBe('calculator failed: Division by zero');
  });

  it('searches where no knowledge came with the request, and cites what the search found', async () => {
    const { reply } = await converse('When does the office open?', { tools: [search] }, () => ({
      output: { passages: [passage(DOCUMENT)] },
    }));
    expect(reply.text).toBe('The office opens at 9 am on weekdays. [1]');
    expect(reply.citations[0]?.quote).toBe('The office opens at 9 am on weekdays.');
  });

  it('declines after a search that found nothing, and says when the search itself failed', async () => {
    const nothing = await converse('When does the office open?', { tools: [search] }, () => ({
      output: { passages: [] },
    }));
    expect(nothing.reply.data).toEqual({ mode: 'extractive', abstained: true });
    const failed = await converse('When does the office open?', { tools: [search] }, () => ({
      output: { message: 'No collection is open' },
      failed: true,
    }));
    expect(failed.reply.text).toContain('knowledge.search failed: No collection is open');
  });

  it('states results of calls that another model made before it took over', async () => {
    const reply = await client.generate(
      call([
        user('Do the thing'),
        { role: 'assistant', text: '', toolCalls: [{ id: 'x', tool: 'other', input: {} }] },
        { role: 'tool', callId: 'x', tool: 'other', output: 'done' },
      ]),
    );
    expect(reply.text).toBe('other: done');
  });

  it('gives calls ids that differ from earlier ones', async () => {
    const reply = await client.generate(
      call(
        [
          user('What is 1+1?'),
          {
            role: 'assistant',
            text: '',
            toolCalls: [{ id: 'call_1', tool: 'calculator', input: { expression: '1+1' } }],
          },
          { role: 'tool', callId: 'call_1', tool: 'calculator', output: 2 },
          user('What is 2+2?'),
        ],
        { tools: [calculator] },
      ),
    );
    expect(reply.toolCalls).toEqual([{ id: 'call_2', tool: 'calculator', input: { expression: '2+2' } }]);
  });

  it('streams word by word what it returns', async () => {
    const deltas: string[] = [];
    const { text } = await client.generate(
      call([user('When does the office open?')], { knowledge: [passage(DOCUMENT)] }),
      (delta) => deltas.push(delta),
    );
    expect(deltas.length).toBeGreaterThan(5);
    expect(deltas.join('')).toBe(text);
  });

  it('fills a response schema from the question, or says that it cannot', async () => {
    const responseSchema = { type: 'object', properties: { email: { type: 'string' } }, required: ['email'] };
    await expect(ask('I am ann@example.org', { responseSchema })).resolves.toMatchObject({
      text: '{"email":"ann@example.org"}',
    });
    await expect(ask('I am Ann', { responseSchema })).rejects.toMatchObject({ category: 'validation' });
    const strict = { ...responseSchema, properties: { email: { type: 'string', maxLength: 5 } } };
    await expect(ask('I am ann@example.org', { responseSchema: strict })).rejects.toThrow(
      /responseSchema.email must NOT have more than 5/,
    );
  });

  it('estimates usage', async () => {
    expect((await ask('When does the office open?')).usage).toEqual({
      inputTokens: 42,
      outputTokens: 11,
      cachedTokens: 0,
    });
  });

  it('knows no other model and stops when aborted', async () => {
    await expect(ask('hi', { model: 'gpt' })).rejects.toMatchObject({ code: 'invalid_reference' });
    await expect(ask('hi', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('answers the same way every time and quotes only what is there, for any text and question', async () => {
    const text = fc.lorem({ maxCount: 20, mode: 'sentences' });
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.string({ unit: 'grapheme' }),
        fc.lorem({ maxCount: 6 }),
        async (prose, noise, question) => {
          const document = `${noise}${prose}`;
          const request = () => ask(question, { knowledge: [passage(document)] });
          const reply = await request();
          expect(await request()).toEqual(reply);
          for (const { quote, charStart, charEnd } of reply.citations) {
            expect(document.slice(charStart, charEnd)).toBe(quote);
            expect(reply.text).toContain(quote);
          }
        },
      ),
    );
  });
});
