import { readFile } from 'node:fs/promises';
import { FakeModel, type TestTenant, testTenant } from '@guildhall/testing';

/** The main job, seen from outside: documents in; an agent answers with citations, uses a tool, and streams it. */

interface Frame {
  readonly id: string;
  readonly event: string;
  readonly data: {
    seq: number;
    type: string;
    runId: string;
    threadId: string;
    at: string;
    payload: Record<string, unknown>;
  };
}

interface Cited {
  readonly index: number;
  readonly documentId: string;
  readonly documentTitle: string;
  readonly charStart: number;
  readonly charEnd: number;
  readonly quote: string;
}

const QUESTION = 'How many days do customers have to return an item, and what is 15% of 240?';
const NONSENSE = 'Which zebra composed the purple quantum sonata of Atlantis?';

let house: TestTenant;
let collectionId: string;
let agentId: string;
const documents: { id: string; title: string; status: string; chunkCount: number }[] = [];

beforeAll(async () => {
  // A tenant's provider is behind the outbound guard: the scripted one on this machine needs leave.
  house = await testTenant();
  collectionId = (await house.post('/api/v1/collections', { name: 'Handbook' })).body.data.id;
  for (const title of ['returns', 'shipping', 'warranty']) {
    const text = await readFile(`test/fixtures/handbook/${title}.md`, 'utf8');
    const body = { title, text, mediaType: 'text/markdown' };
    const headers = { prefer: 'wait=30' };
    documents.push((await house.post(`/api/v1/collections/${collectionId}/documents`, body, { headers })).body.data);
  }
  const agent = await house.post('/api/v1/agents', {
    name: 'support',
    instructions: 'Answer from the handbook and cite it.',
    tools: ['calculator'],
    knowledge: [{ collectionId, topK: 6 }],
  });
  agentId = agent.body.data.id;
});

afterAll(() => house.close());

const newThread = async (): Promise<string> => (await house.post('/api/v1/threads', {})).body.data.id;

/** All of an event stream: the text before the first frame's data, and the frames. */
async function frames(
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; text: string; frames: Frame[] }> {
  const headers = {
    authorization: `Bearer ${house.apiKey}`,
    accept: 'text/event-stream',
    ...(init.body ? { 'content-type': 'application/json' } : {}),
    ...init.headers,
  };
  const response = await fetch(new URL(path, house.url), { ...init, headers, signal: AbortSignal.timeout(20_000) });
  const text = await response.text();
  return { status: response.status, text, frames: text.split('\n\n').flatMap(toFrame) };
}

function toFrame(block: string): Frame[] {
  const field = (name: string) =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2))
      .join('\n');
  return field('data')
    ? [{ id: field('id'), event: field('event'), data: JSON.parse(field('data')) as Frame['data'] }]
    : [];
}

const stream = async (input: string, threadId: string) =>
  frames(`/api/v1/threads/${threadId}/runs`, { method: 'POST', body: JSON.stringify({ agentId, input }) });

const runToEnd = async (input: string, fields: object = {}) => {
  const { status, body } = await house.post(
    '/api/v1/runs',
    { agentId, input, ...fields },
    { headers: { prefer: 'wait=20' } },
  );
  expect(status).toBe(200);
  return body.data;
};

const deltas = (all: readonly Frame[]) =>
  all.filter(({ event }) => event === 'message.delta').map(({ data }) => data.payload['text']);

describe('documents', () => {
  it('are ready to be cited once they are in', () => {
    expect(documents.map(({ title, status }) => [title, status])).toEqual([
      ['returns', 'ready'],
      ['shipping', 'ready'],
      ['warranty', 'ready'],
    ]);
    expect(documents.every(({ chunkCount }) => chunkCount > 0)).toBe(true);
  });
});

describe('a streamed answer', () => {
  let threadId: string;
  let all: Frame[];
  let answer: Awaited<ReturnType<typeof stream>>;
  let run: { id: string; output: { text: string; citations: Cited[]; data: object } } & Record<string, unknown>;

  beforeAll(async () => {
    threadId = await newThread();
    answer = await stream(QUESTION, threadId);
    all = answer.frames;
    run = (await house.get(`/api/v1/runs/${all[0]!.data.runId}`)).body.data;
  });

  it('is an event stream whose events are numbered from 1 without a gap', () => {
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/^retry: 2000\n/);
    expect(all.map(({ data }) => data.seq)).toEqual(all.map((_, i) => i + 1));
    for (const { id, event, data } of all) {
      expect(data).toMatchObject({ type: event, threadId, runId: run.id, at: expect.stringMatching(/Z$/) });
      expect(id).toBe(String(data.seq));
    }
  });

  it('starts with run.created and ends with run.succeeded, and nothing comes after', () => {
    const types = all.map(({ event }) => event);
    expect(types[0]).toBe('run.created');
    expect(types.at(-1)).toBe('run.succeeded');
    expect(types.filter((type) => /^run\.(succeeded|failed|cancelled)$/.test(type))).toHaveLength(1);
  });

  it('streams the text that the message then has, and the run keeps', () => {
    const completed = all.findLast(({ event }) => event === 'message.completed')!.data.payload;
    expect(deltas(all).length).toBeGreaterThan(0);
    expect(deltas(all).join('')).toBe(completed['text']);
    expect(run.output.text).toBe(completed['text']);
    expect(run.output.citations).toEqual(completed['citations']);
  });

  it('answers both halves of the question, without a model, and says so', () => {
    expect(run).toMatchObject({ status: 'succeeded', agentId, agentVersion: 1, threadId });
    expect(run.output.text).toMatch(/\b30 days\b/);
    expect(run.output.text).toMatch(/\b36\b/);
    expect(run.output.data).toMatchObject({ mode: 'extractive' });
  });

  it('cites documents verbatim, each quote at its offsets', async () => {
    expect(run.output.citations.length).toBeGreaterThan(0);
    for (const citation of run.output.citations) {
      const { body } = await house.get(`/api/v1/documents/${citation.documentId}/text`);
      expect(body.data.text.slice(citation.charStart, citation.charEnd)).toBe(citation.quote);
      expect(run.output.text).toContain(`[${citation.index}]`);
    }
    expect(run.output.citations[0]).toMatchObject({
      documentId: documents[0]!.id,
      documentTitle: 'returns',
      quote: expect.stringContaining('30 days'),
    });
  });

  it('called the calculator, once, as a recorded step', async () => {
    const { body } = await house.get(`/api/v1/runs/${run.id}/steps`);
    const calls = body.data.filter((step: { kind: string }) => step.kind === 'tool');
    expect(calls).toEqual([
      expect.objectContaining({
        id: expect.stringMatching(/^stp_/),
        name: 'calculator',
        status: 'succeeded',
        attempt: 1,
        output: expect.objectContaining({ result: 36 }),
      }),
    ]);
    expect(body.data.map((step: { kind: string }) => step.kind)).toEqual(
      expect.arrayContaining(['retrieval', 'model']),
    );
    const requested = all.find(({ event }) => event === 'tool_call.requested')!.data.payload;
    const completed = all.find(({ event }) => event === 'tool_call.completed')!.data.payload;
    expect(requested).toMatchObject({ tool: 'calculator', callId: completed['callId'] });
    expect(completed).toMatchObject({ output: { result: 36 } });
  });

  it('tells which collection was searched, and what was found', () => {
    const retrieved = all.find(({ event }) => event === 'retrieval.completed')!.data.payload;
    expect(retrieved).toMatchObject({ collectionId });
  });

  it('can be read again as it was: whole, from the middle, as a page', async () => {
    const path = `/api/v1/runs/${run.id}/events`;
    expect((await frames(path)).frames).toEqual(all);
    const after = await frames(path, { headers: { 'last-event-id': '3' } });
    expect(after.frames).toEqual(all.slice(3));
    expect((await frames(`${path}?after=${all.length - 1}`)).frames).toEqual(all.slice(-1));
    const page = await house.get(`${path}?limit=1000`);
    expect(page.body.data).toEqual(all.map(({ data }) => data));
  });

  it('leaves question and answer on the thread', async () => {
    const { body } = await house.get(`/api/v1/threads/${threadId}/messages`);
    const said = body.data.map(({ role, text }: { role: string; text: string }) => ({ role, text }));
    expect(said).toEqual(
      expect.arrayContaining([
        { role: 'user', text: QUESTION },
        { role: 'assistant', text: run.output.text },
      ]),
    );
  });
});

describe('a question that the documents do not answer', () => {
  it('is declined, not answered with an invention', async () => {
    const threadId = await newThread();
    const { frames: all } = await stream(NONSENSE, threadId);
    const { body } = await house.get(`/api/v1/runs/${all[0]!.data.runId}`);
    expect(body.data).toMatchObject({ status: 'succeeded', output: { citations: [], data: { mode: 'extractive' } } });
    expect(body.data.output.text).not.toMatch(/zebra.*composed|30 days|24 months|warranty carries/i);
    expect(body.data.output.text.length).toBeGreaterThan(0);
    expect(deltas(all).join('')).toBe(body.data.output.text);
  });
});

describe('a run that is waited for', () => {
  it('answers 200 with the finished run', async () => {
    const run = await runToEnd('How long is the warranty on lamps?');
    expect(run).toMatchObject({ status: 'succeeded', agentId, threadId: expect.stringMatching(/^thr_/) });
    expect(run.output.text).toContain('24 months');
    expect(run.output.citations[0]).toMatchObject({ documentTitle: 'warranty' });
  });

  it('in the background answers 202 with where it will be', async () => {
    const answer = await house.post('/api/v1/runs', { agentId, input: 'What does express delivery cost?' });
    expect(answer.status).toBe(202);
    const { id } = answer.body.data;
    expect(answer.headers.get('location')).toBe(`/api/v1/runs/${id}`);
    const waited = await house.get(`/api/v1/runs/${id}/wait`, { headers: { prefer: 'wait=20' } });
    expect(waited.body.data).toMatchObject({ id, status: 'succeeded' });
    expect(waited.body.data.output.text).toContain('12.50 euros');
  });

  it('keeps the version it started with when another is published', async () => {
    const { body } = await house.post('/api/v1/agents', { name: 'versioned', knowledge: [{ collectionId }] });
    const id: string = body.data.id;
    const before = await runToEnd('How long is the warranty on lamps?', { agentId: id });
    await house.patch(`/api/v1/agents/${id}`, { knowledge: [] });
    await house.post(`/api/v1/agents/${id}/versions`, {});
    await house.post(`/api/v1/agents/${id}/versions/2/publish`);
    const after = await runToEnd('How long is the warranty on lamps?', { agentId: id });
    expect([before.agentVersion, after.agentVersion]).toEqual([1, 2]);
    expect([before.output.citations.length > 0, after.output.citations.length]).toEqual([true, 0]);
    expect((await runToEnd('And on furniture?', { agentId: id, version: 1 })).agentVersion).toBe(1);
    expect((await house.get(`/api/v1/runs/${before.id}`)).body.data.agentVersion).toBe(1);
  });

  it('is refused for an agent that is archived or out of service', async () => {
    const { body } = await house.post('/api/v1/agents', { name: 'retired' });
    await house.patch(`/api/v1/agents/${body.data.id}`, { isActive: false });
    const inactive = await house.post('/api/v1/runs', { agentId: body.data.id, input: 'Hello' });
    expect([inactive.status, inactive.body.error.code]).toEqual([409, 'agent_inactive']);
    await house.delete(`/api/v1/agents/${body.data.id}`);
    const archived = await house.post('/api/v1/runs', { agentId: body.data.id, input: 'Hello' });
    expect([archived.status, archived.body.error.code]).toEqual([409, 'agent_archived']);
  });

  it('uses the calculator only where the agent was given it', async () => {
    const { body } = await house.post('/api/v1/agents', { name: 'no tools' });
    const run = await runToEnd('What is 15% of 240?', { agentId: body.data.id });
    const steps = await house.get(`/api/v1/runs/${run.id}/steps`);
    expect(steps.body.data.filter((step: { kind: string }) => step.kind === 'tool')).toEqual([]);
  });
});

describe('an agent without documents', () => {
  let assistant: string;
  const ask = async (input: string, fields: object = {}): Promise<string> =>
    (await runToEnd(input, { agentId: assistant, ...fields })).output.text;

  beforeAll(async () => {
    const agent = { name: 'assistant', tools: ['calculator', 'current-time'] };
    assistant = (await house.post('/api/v1/agents', agent)).body.data.id;
  });

  it('calculates as its tool does, signs and percentages included', async () => {
    expect(await ask('What is 200 + 10%?')).toBe('calculator: 220');
    expect(await ask('What is -5 + 3?')).toBe('calculator: -2');
  });

  it('tells the time of the place asked about, else of the end user, and knows no place that it does not know', async () => {
    const context = { timeZone: 'Asia/Tokyo' };
    expect(await ask('What time is it in Kolkata?', { context })).toContain('Asia/Kolkata');
    expect(await ask('What time is it?', { context })).toContain('Asia/Tokyo');
    expect(await ask('What time is it?')).toContain('UTC');
    expect(await ask('What time is it in Atlantis?', { context })).toContain('"Atlantis"');
  });

  it('says that it has neither documents nor a tool for anything else', async () => {
    expect(await ask('Hello')).toBe('I have neither documents nor a tool for this.');
  });
});

describe('a model of a vendor', () => {
  const model = { provider: 'fake', name: 'm' };
  let fake: FakeModel;
  let key: string;
  let theirs: string;

  /** The run of an agent of its own, and its tool calls. */
  const runWith = async (definition: object, input = 'Do your worst', fields: object = {}) => {
    const agent = await house.post('/api/v1/agents', { name: 'scripted', model, ...definition }, { key });
    expect(agent.status).toBe(201);
    const headers = { prefer: 'wait=20' };
    const run = await house.post('/api/v1/runs', { agentId: agent.body.data.id, input, ...fields }, { key, headers });
    const steps = await house.get(`/api/v1/runs/${run.body.data.id}/steps`, { key });
    return { run: run.body.data, calls: steps.body.data.filter((step: { kind: string }) => step.kind === 'tool') };
  };

  beforeAll(async () => {
    fake = await FakeModel.start();
    key = await house.otherTenant('scripted');
    const provider = { id: 'fake', kind: 'openai-compatible', baseUrl: fake.baseUrl, models: [{ name: 'm' }] };
    await house.post('/api/v1/providers', provider, { key });
    theirs = (await house.post('/api/v1/collections', { name: 'Handbook' }, { key })).body.data.id;
    const text = await readFile('test/fixtures/handbook/returns.md', 'utf8');
    const headers = { prefer: 'wait=30' };
    await house.post(
      `/api/v1/collections/${theirs}/documents`,
      { title: 'returns', text, mediaType: 'text/markdown' },
      { key, headers },
    );
  });

  afterAll(() => fake.stop());
  beforeEach(() => fake.reset());

  it('calls tools until it answers, and reads what they said', async () => {
    const call = { name: 'calculator', arguments: { expression: '6 * 7' } };
    fake.script({ toolCalls: [call] }, { text: 'It is 42.' });
    const { run, calls } = await runWith({ instructions: 'Be exact.', tools: ['calculator'] });
    expect(run).toMatchObject({ status: 'succeeded', output: { text: 'It is 42.' } });
    expect(calls).toEqual([expect.objectContaining({ name: 'calculator', status: 'succeeded' })]);
    const [first, second] = fake.requests;
    expect(first!.body.messages[0]).toMatchObject({ role: 'system', content: expect.stringContaining('Be exact.') });
    expect(first!.body.tools!.map((tool) => tool.function.name)).toEqual(['calculator']);
    expect(JSON.stringify(second!.body.messages.at(-1))).toContain('42');
  });

  it('hears nothing of documents where its agent has none', async () => {
    fake.script({ text: 'Hello.' });
    await runWith({}, 'Hello');
    expect(JSON.stringify(fake.requests[0]!.body.messages)).not.toMatch(/document|passage/i);
  });

  it('learns the time where the end user is, unless it asks for another place', async () => {
    const call = (input: Record<string, unknown>) => ({ toolCalls: [{ name: 'current-time', arguments: input }] });
    fake.script(call({}), call({ timeZone: 'America/Lima' }), { text: 'Late.' });
    const context = { timeZone: 'Asia/Tokyo', locale: 'de-DE' };
    const { calls } = await runWith({ tools: ['current-time'] }, 'What time is it?', { context });
    const zones = calls.map(({ output }: { output: { timeZone: string } }) => output.timeZone);
    expect(zones).toEqual(['Asia/Tokyo', 'America/Lima']);
  });

  it('gets no tool that its agent was not granted, whatever it asks for', async () => {
    const call = { name: 'calculator', arguments: { expression: '6 * 7' } };
    fake.script({ toolCalls: [call] }, { text: 'I may not.' });
    const { run, calls } = await runWith({ tools: ['current-time'] });
    expect(run).toMatchObject({ status: 'succeeded', output: { text: 'I may not.' } });
    expect(calls).toEqual([
      expect.objectContaining({
        name: 'calculator',
        status: 'failed',
        error: expect.objectContaining({ code: 'forbidden' }),
      }),
    ]);
  });

  it('reads what is wrong with its arguments and may mend them', async () => {
    const wrong = { name: 'calculator', arguments: { expr: '6 * 7' } };
    const right = { name: 'calculator', arguments: { expression: '6 * 7' } };
    fake.script({ toolCalls: [wrong] }, { toolCalls: [right] }, { text: '42' });
    const { run, calls } = await runWith({ tools: ['calculator'] });
    expect(run.output.text).toBe('42');
    expect(calls.map(({ status }: { status: string }) => status)).toEqual(['failed', 'succeeded']);
    expect(JSON.stringify(fake.requests[1]!.body.messages.at(-1))).toContain('input.expression');
  });

  it('searches the collections of its agent and no others', async () => {
    const search = (args: object) => (request: { body: { tools?: readonly { function: { name: string } }[] } }) => ({
      toolCalls: [{ name: request.body.tools![0]!.function.name, arguments: { query: 'return an item', ...args } }],
    });
    fake.script(search({}), search({ collectionId }), { text: 'Done.' });
    const { calls } = await runWith({ tools: ['knowledge.search'], knowledge: [{ collectionId: theirs }] });
    expect(calls[0]).toMatchObject({ name: 'knowledge.search', status: 'succeeded' });
    expect(calls[0].output.passages).toContainEqual(
      expect.objectContaining({ collectionId: theirs, text: expect.stringContaining('30 days') }),
    );
    expect(calls[1]).toMatchObject({ status: 'failed', error: { code: 'validation_failed' } });
  });

  it('that never stops asking for tools is stopped by the limit of steps', async () => {
    fake.otherwise({ toolCalls: [{ name: 'calculator', arguments: { expression: '1' } }] });
    const { run } = await runWith({ tools: ['calculator'], limits: { maxSteps: 6 } });
    expect(run).toMatchObject({ status: 'failed', error: { code: 'max_steps_exceeded' } });
    expect(fake.requests.length).toBeLessThanOrEqual(6);
  });
});
