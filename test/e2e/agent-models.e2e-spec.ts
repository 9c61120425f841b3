import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI, { APIError, NotFoundError } from 'openai';
import { AgentKind, type AgentKindHandler, Plugin, type RunContext } from '@guildhall/sdk';
import { FakeModel, type TestApp, startTestApp } from '@guildhall/testing';

const ASK = [{ role: 'user' as const, content: 'What is two plus two?' }];

@AgentKind({ kind: 'test-asker', description: 'Asks before it answers' })
class Asker implements AgentKindHandler {
  async run(ctx: RunContext) {
    const { value } = await ctx.ask({ kind: 'question', prompt: 'Your name?', responseSchema: { type: 'string' } });
    return { text: `Hello ${String(value)}`, citations: [] };
  }
}

@Plugin({ id: 'askers', version: '0.1.0', compat: '^0.1.0', providers: [Asker] })
class Askers {}

describe('agents as models, for the openai client unmodified', () => {
  let house: TestApp;
  let model: FakeModel;
  let client: OpenAI;
  const connect = (apiKey: string) => new OpenAI({ baseURL: `${house.url}/openai/v1`, apiKey, maxRetries: 0 });
  const agent = async (name: string, key?: string): Promise<string> => {
    const body = { name, instructions: 'Be brief.', ...(key ? {} : { model: { provider: 'p1', name: 'small' } }) };
    const { status, body: answer } = await house.post('/api/v1/agents', body, key ? { key } : {});
    expect(status).toBe(201);
    return answer.data.id as string;
  };
  const failing = async (call: PromiseLike<unknown>): Promise<unknown> =>
    Promise.resolve(call).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  const lastRun = async () => (await house.get('/api/v1/runs?limit=1')).body.data[0];

  const eventually = async (
    look: () => Promise<{ id: string; status: string }>,
    isThere: (run: { id: string; status: string }) => boolean,
  ) => {
    for (let i = 0; i < 200; i++) {
      const run = await look();
      if (isThere(run)) return run;
      await sleep(20);
    }
    throw new Error(`The run is ${(await look()).status}`);
  };

  beforeAll(async () => {
    model = await FakeModel.start();
    house = await startTestApp({ plugins: [Askers] });
    client = connect(house.apiKey);
    const models = [{ name: 'small', inputPricePerMTok: 500_000, outputPricePerMTok: 1_000_000 }];
    await house.post('/api/v1/providers', { id: 'p1', kind: 'openai-compatible', baseUrl: model.baseUrl, models });
    await agent('support');
  });
  beforeEach(() => model.reset());
  afterAll(async () => {
    await house.close();
    await model.stop();
  });

  it('answers with a run on a thread of its own, which begins with what was said before', async () => {
    model.script({ text: 'Four.', usage: { inputTokens: 12, outputTokens: 3 } });
    const before = [
      { role: 'system' as const, content: 'Count in decimals.' },
      { role: 'user' as const, content: 'Hi' },
      { role: 'assistant' as const, content: 'Yes?' },
    ];
    const messages = [...before, ...ASK];
    const completion = await client.chat.completions.create({ model: 'agent/support', messages, user: 'u1' });
    expect(completion.choices[0]).toMatchObject({ message: { content: 'Four.' }, finish_reason: 'stop' });
    expect(completion.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 });
    const heard = model.requests[0]!.body.messages.map(({ content }: { content?: unknown }) => content);
    expect(heard).toEqual([
      expect.stringContaining('Count in decimals.'),
      ...messages.slice(1).map(({ content }) => content),
    ]);
    const { runId, threadId } = (completion as unknown as { guildhall: { runId: string; threadId: string } }).guildhall;
    expect((await house.get(`/api/v1/runs/${runId}`)).body.data).toMatchObject({ status: 'succeeded', threadId });
    expect((await house.get(`/api/v1/threads/${threadId}`)).body.data.userId).toBe('u1');
    const thread: { text: string }[] = (await house.get(`/api/v1/threads/${threadId}/messages`)).body.data;
    expect(thread.map(({ text }) => text).toReversed()).toEqual([...messages.map(({ content }) => content), 'Four.']);
  });

  it('streams what the agent says, and counts at the end', async () => {
    model.script({ chunks: ['It is ', 'four.'], usage: { inputTokens: 12, outputTokens: 3 } });
    const options = { stream: true as const, stream_options: { include_usage: true } };
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({
      model: 'agent/support',
      messages: ASK,
      ...options,
    }))
      chunks.push(chunk);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('It is four.');
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('stop');
    expect(chunks.at(-1)!.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 3 });
  });

  it('says what went wrong with a run as OpenAI says it, streamed or not', async () => {
    for (const stream of [false, true]) {
      model.otherwise({ status: 400, message: 'no' });
      const error = await failing(client.chat.completions.create({ model: 'agent/support', messages: ASK, stream }));
      expect(error).toBeInstanceOf(APIError);
      const run = await lastRun();
      expect(run.status).toBe('failed');
      expect((error as APIError).code).toBe(run.error.code);
    }
  });

  it.each([false, true])('cancels the run of a client that left (stream: %s)', async (stream) => {
    model.otherwise({ chunks: ['One '], end: 'stall' });
    const before = (await lastRun())?.id;
    const abort = new AbortController();
    const body = { model: 'agent/support', messages: ASK, stream };
    const call = client.chat.completions.create(body, { signal: abort.signal });
    const left = failing(call.then(() => sleep(60_000, undefined, { signal: abort.signal })));
    const run = await eventually(lastRun, ({ id, status }) => id !== before && status === 'running');
    abort.abort();
    await left;
    await eventually(
      async () => (await house.get(`/api/v1/runs/${run.id}`)).body.data,
      ({ status }) => status === 'cancelled',
    );
  });

  it('asks what a waiting run asks, streamed or not', async () => {
    const { body } = await house.post('/api/v1/agents', { name: 'asker', kind: 'test-asker' });
    const call = { model: 'agent/asker', messages: ASK };
    const completion = await client.chat.completions.create(call);
    expect(completion.choices[0]!.message.content).toBe('Your name?');
    expect(completion).toMatchObject({ guildhall: { status: 'waiting' } });
    let text = '';
    for await (const { choices } of await client.chat.completions.create({ ...call, stream: true }))
      text += choices[0]?.delta.content ?? '';
    expect(text).toBe('Your name?');
    await house.delete(`/api/v1/agents/${body.data.id}`);
  });

  it('knows neither unknown agents nor those of another tenant, by name or id', async () => {
    const { body } = await house.post('/api/v1/tenants', { name: 'other' });
    const theirs = await agent('theirs', body.data.apiKey.key);
    for (const name of ['nobody', 'theirs', theirs]) {
      const error = await failing(client.chat.completions.create({ model: `agent/${name}`, messages: ASK }));
      expect(error).toBeInstanceOf(NotFoundError);
      expect(error).toMatchObject({ code: 'model_not_found', type: 'invalid_request_error' });
    }
  });

  it('lists them, without those of other tenants and those out of service', async () => {
    const retired = await agent('retired');
    await house.patch(`/api/v1/agents/${retired}`, { isActive: false });
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids.filter((id) => id.startsWith('agent/'))).toEqual(['agent/support']);
    expect(await client.models.retrieve('agent/support')).toMatchObject({ object: 'model', owned_by: 'guildhall' });
    const error = await failing(client.chat.completions.create({ model: 'agent/retired', messages: ASK }));
    expect(error).toBeInstanceOf(NotFoundError);
  });

  it('takes the newest of several agents of one name, and any of them by its id', async () => {
    const older = await agent('twin');
    const newer = await agent('twin');
    model.otherwise({ text: 'Four.' });
    for (const [name, expected] of [
      ['twin', newer],
      [older, older],
    ]) {
      await client.chat.completions.create({ model: `agent/${name}`, messages: ASK });
      expect((await lastRun()).agentId).toBe(expected);
    }
  });
});
