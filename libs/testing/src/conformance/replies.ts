import { CANARY, MODES, type Subject, user } from './subject.js';

const WEATHER = {
  name: 'weather.current',
  description: 'Current weather for a place',
  inputSchema: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
  effect: 'read' as const,
};
const TEMPERATURE = {
  type: 'object',
  properties: { temperature: { type: 'number' } },
  required: ['temperature'],
  additionalProperties: false,
};

/** Sentences about replies that succeed. */
export function describeReplies(subject: Subject): void {
  it.each(MODES)('answers with the text and what it cost (%s)', async (mode) => {
    subject.server.script({ text: 'Good day to you', usage: { inputTokens: 100, outputTokens: 4, cachedTokens: 40 } });
    await expect(subject.ask(mode)).resolves.toEqual({
      text: 'Good day to you',
      toolCalls: [],
      citations: [],
      finishReason: 'stop',
      usage: { inputTokens: 100, outputTokens: 4, cachedTokens: 40 },
    });
  });

  it('streams the text as it comes, and leaves the same record as without', async () => {
    subject.server.script({ text: 'one two three' }, { text: 'one two three' });
    const deltas: string[] = [];
    const streamed = await subject.client().generate(subject.call(), (delta) => deltas.push(delta));
    expect(deltas).toEqual(['one', ' two', ' three']);
    expect(streamed).toEqual(await subject.ask('whole'));
  });

  it('hands on the first words while the vendor still writes', async () => {
    const { promise: heard, resolve } = Promise.withResolvers<void>();
    subject.server.script({ chunks: ['first', heard, ' last'] });
    const reply = await subject.client().generate(subject.call(), () => resolve());
    expect(reply.text).toBe('first last');
  });

  it.each(MODES)('sends the key in a header and the conversation in the body (%s)', async (mode) => {
    subject.server.script({ text: 'ok' });
    const messages = [
      { role: 'system', text: 'Be brief.' } as const,
      user('First'),
      { role: 'assistant', text: 'Second' } as const,
      user('Third'),
    ];
    await subject.ask(mode, { messages, maxOutputTokens: 77 });
    const [request] = subject.server.requests;
    expect(Object.values(request!.headers).some((value) => String(value).includes(CANARY))).toBe(true);
    expect(request!.path).not.toContain(CANARY);
    for (const part of ['Be brief.', 'First', 'Second', 'Third', '77']) expect(subject.lastBody).toContain(part);
  });

  it.each(MODES)('sends no key where there is none (%s)', async (mode) => {
    subject.server.script({ text: 'ok' });
    await subject.ask(mode, {}, { apiKey: undefined });
    const { headers } = subject.server.requests[0]!;
    expect(Object.keys(headers).filter((name) => /auth|key/i.test(name))).toEqual([]);
  });

  it.each(MODES)('asks again over the connection it has (%s)', async (mode) => {
    subject.server.otherwise(mode === 'streamed' ? { chunks: ['ok'] } : { text: 'ok' });
    const before = subject.server.connections;
    for (let count = 0; count < 10; count++) await subject.ask(mode);
    expect(subject.server.connections - before).toBeLessThan(5);
  });

  it.each(MODES)('calls tools by their names and tells the model what came of it (%s)', async (mode) => {
    subject.server.script(
      ({ body }) => ({ toolCalls: [{ id: 'c1', name: offered(body), arguments: { place: 'Oslo' } }] }),
      { text: 'Sunny.' },
    );
    const asked = await subject.ask(mode, { tools: [WEATHER] });
    expect(asked).toMatchObject({ text: '', finishReason: 'tool-calls' });
    const [call] = asked.toolCalls;
    expect(call).toEqual({ id: expect.any(String), tool: 'weather.current', input: { place: 'Oslo' } });
    const messages = [
      user('How is Oslo?'),
      { role: 'assistant', text: '', toolCalls: asked.toolCalls } as const,
      { role: 'tool', callId: call!.id, tool: call!.tool, output: { sky: 'cloudless' } } as const,
    ];
    await expect(subject.ask(mode, { tools: [WEATHER], messages })).resolves.toMatchObject({ text: 'Sunny.' });
    for (const part of ['Oslo', 'cloudless', offered(subject.server.requests[0]!.body)]) {
      expect(subject.lastBody).toContain(part);
    }
  });

  it.each(MODES)('takes several tool calls at once, each with an id of its own (%s)', async (mode) => {
    subject.server.script(({ body }) => ({
      text: 'I look.',
      toolCalls: ['Oslo', 'Rome'].map((place) => ({ name: offered(body), arguments: { place } })),
    }));
    const { text, toolCalls } = await subject.ask(mode, { tools: [WEATHER] });
    expect(text).toBe('I look.');
    expect(toolCalls.map(({ input }) => input)).toEqual([{ place: 'Oslo' }, { place: 'Rome' }]);
    expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(2);
  });

  it.each(MODES)('sends arguments that are no object back as one, for the vendor insists (%s)', async (mode) => {
    subject.server.script({ text: 'Sorry.' });
    const toolCalls = [{ id: 'c1', tool: 'weather.current', input: '{"place": "Os' }];
    const failed = { role: 'tool', callId: 'c1', tool: 'weather.current', output: 'no object', failed: true } as const;
    const messages = [user('?'), { role: 'assistant', text: '', toolCalls } as const, failed];
    await subject.ask(mode, { tools: [WEATHER], messages });
    expect(subject.lastBody).toContain('unreadable');
  });

  it.each(MODES)('tells the model of a tool that failed (%s)', async (mode) => {
    subject.server.script({ text: 'Sorry.' });
    const toolCalls = [{ id: 'c1', tool: 'weather.current', input: { place: 'Oslo' } }];
    const failed = {
      role: 'tool',
      callId: 'c1',
      tool: 'weather.current',
      output: 'no such place',
      failed: true,
    } as const;
    await subject.ask(mode, {
      tools: [WEATHER],
      messages: [user('?'), { role: 'assistant', text: '', toolCalls }, failed],
    });
    expect(subject.lastBody).toContain('no such place');
  });

  it.each(MODES)('asks for a schema and gets what satisfies it as text (%s)', async (mode) => {
    subject.server.script({ text: '{"temperature":21}' });
    const reply = await subject.ask(mode, { responseSchema: TEMPERATURE });
    expect(JSON.parse(reply.text)).toEqual({ temperature: 21 });
    expect(reply.finishReason).toBe('stop');
    expect(subject.lastBody).toContain('"temperature"');
  });

  it.each(MODES)('shows the model an image (%s)', async (mode) => {
    subject.server.script({ text: 'A dot.' });
    const parts = [{ type: 'image', mediaType: 'image/png', data: 'aGVsbG8=' } as const];
    await subject.ask(mode, { messages: [{ role: 'user', text: 'What is it?', parts }] });
    for (const part of ['What is it?', 'image/png', 'aGVsbG8=']) expect(subject.lastBody).toContain(part);
  });

  it.each(MODES)('says when the answer was cut off or withheld (%s)', async (mode) => {
    subject.server.script({ text: 'a', finishReason: 'length' }, { text: 'a', finishReason: 'content_filter' });
    await expect(subject.ask(mode)).resolves.toMatchObject({ finishReason: 'length' });
    await expect(subject.ask(mode)).resolves.toMatchObject({ finishReason: 'content-filter' });
  });
}

/** For vendors that show what their models think. */
export function describeReasoning(subject: Subject): void {
  it.each(MODES)('keeps what the model thinks out of the text, and counts it (%s)', async (mode) => {
    const usage = { inputTokens: 10, outputTokens: 9, reasoningTokens: 7 };
    subject.server.script({ reasoning: 'Let me see.', text: 'It is 4.', usage });
    await expect(subject.ask(mode)).resolves.toMatchObject({
      text: 'It is 4.',
      reasoning: 'Let me see.',
      usage: { inputTokens: 10, outputTokens: 9, reasoningTokens: 7 },
    });
  });
}

/** The tool's name as the adapter wrote it for the vendor. */
function offered(body: unknown): string {
  return /"name":"(weather[^"]*)"/.exec(JSON.stringify(body))?.[1] ?? 'no tool was offered';
}
