import { setImmediate as turn } from 'node:timers/promises';
import type { Response } from 'openai/resources/responses/responses';
import { AgentKind, type AgentKindHandler, Plugin, type RunContext } from '@guildhall/sdk';
import { type OpenAiHouse, failing, openAiHouse } from './openai-house.js';

const ASK = 'What is two plus two?';

@AgentKind({ kind: 'test-asker', description: 'Asks before it answers' })
class Asker implements AgentKindHandler {
  async run(ctx: RunContext) {
    const { value } = await ctx.ask({ kind: 'question', prompt: 'Your name?', responseSchema: { type: 'string' } });
    return { text: `Hello ${String(value)}`, citations: [] };
  }
}

@Plugin({ id: 'askers', version: '0.1.0', compat: '^0.1.0', providers: [Asker] })
class Askers {}

interface Facts {
  readonly runId: string;
  readonly threadId: string;
  readonly status: string;
  readonly citations?: readonly { readonly documentId: string; readonly quote: string }[];
}
const factsOf = (response: Response) => (response as unknown as { guildhall: Facts }).guildhall;

describe('responses of agents', () => {
  let at: OpenAiHouse;
  let collectionId: string;

  beforeAll(async () => {
    at = await openAiHouse({ plugins: [Askers] });
    const [provider, name] = (await at.provider()).split('/');
    const handbook = await at.house.post('/api/v1/collections', { name: 'handbook' });
    collectionId = handbook.body.data.id;
    await at.house.post(
      `/api/v1/collections/${collectionId}/documents`,
      { title: 'Returns', text: 'Customers may return any item within 30 days of delivery.' },
      { headers: { prefer: 'wait=10' } },
    );
    const model = { provider, name };
    await at.house.post('/api/v1/agents', { name: 'support', instructions: 'Be brief.', model });
    await at.house.post('/api/v1/agents', { name: 'reader', model, knowledge: [{ collectionId }] });
    await at.house.post('/api/v1/agents', { name: 'asker', kind: 'test-asker' });
  });
  beforeEach(() => at.model.reset());
  afterAll(() => at.stop());

  const create = (more: object = {}) =>
    at.client.responses.create({ model: 'agent/support', input: ASK, ...more }) as Promise<Response>;
  const heard = (request: number) => at.model.requests[request]!.body.messages.map(({ content }) => content);

  it('answers with a run, and goes on from it on the same thread', async () => {
    at.model.script(
      { text: 'Four.', usage: { inputTokens: 12, outputTokens: 3 } },
      { text: 'Five.' },
      { text: 'Six.' },
    );
    const first = await create({
      user: 'u1',
      instructions: 'Count in decimals.',
      temperature: 1,
      text: { verbosity: 'low' },
    });
    expect(first).toMatchObject({ temperature: null, text: { format: { type: 'text' } } });
    expect(first).toMatchObject({ status: 'completed', output_text: 'Four.', usage: { total_tokens: 15 } });
    const facts = factsOf(first);
    expect(facts).toMatchObject({ status: 'succeeded', citations: [] });
    expect((await at.house.get(`/api/v1/runs/${facts.runId}`)).body.data).toMatchObject({ status: 'succeeded' });
    const second = await create({ previous_response_id: first.id, input: 'And one more?' });
    expect(factsOf(second).threadId).toBe(facts.threadId);
    expect(second.instructions).toBe('Count in decimals.');
    expect(heard(1).slice(1)).toEqual([ASK, 'Four.', 'And one more?']);
    expect(String(heard(1)[0])).toContain('Count in decimals.');
    const same = { previous_response_id: second.id, instructions: 'Count in decimals.' };
    expect(factsOf(await create(same)).threadId).toBe(facts.threadId);
    const other = { previous_response_id: second.id, instructions: 'Count in dozens.' };
    expect(await failing(create(other))).toMatchObject({ status: 400, param: 'instructions' });
  });

  it('goes on from an older response on a copy of its thread', async () => {
    at.model.script({ text: 'Four.' }, { text: 'Five.' }, { text: 'Three.' }, { text: 'Two.' });
    const first = await create();
    await create({ previous_response_id: first.id, input: 'And one more?' });
    const branch = await create({ previous_response_id: first.id, input: 'And one less?' });
    expect(factsOf(branch).threadId).not.toBe(factsOf(first).threadId);
    expect(heard(2).slice(-3)).toEqual([ASK, 'Four.', 'And one less?']);
    const more = [
      { role: 'assistant', content: 'I mean three.' },
      { role: 'user', content: 'And now?' },
    ];
    const told = await create({ previous_response_id: branch.id, input: more });
    expect(factsOf(told).threadId).not.toBe(factsOf(branch).threadId);
    expect(heard(3).slice(-3)).toEqual(['Three.', 'I mean three.', 'And now?']);
  });

  it('goes on from what a model said, and a model from what an agent said', async () => {
    at.model.script({ text: 'Four.' }, { text: 'Five.' }, { text: 'Six.' });
    const gateway = await create({ model: 'p1/small' });
    const agent = await create({ previous_response_id: gateway.id, input: 'And one more?' });
    expect(heard(1).slice(-3)).toEqual([ASK, 'Four.', 'And one more?']);
    await create({ model: 'p1/small', previous_response_id: agent.id, input: 'And another?' });
    expect(heard(2)).toEqual([ASK, 'Four.', 'And one more?', 'Five.', 'And another?']);
  });

  it('streams what the agent says', async () => {
    at.model.script({ chunks: ['It is ', 'four.'], usage: { inputTokens: 12, outputTokens: 3 } });
    const stream = at.client.responses.stream({ model: 'agent/support', input: ASK });
    const final = await stream.finalResponse();
    expect(final).toMatchObject({ output_text: 'It is four.', usage: { output_tokens: 3 } });
    const kept = await at.client.responses.retrieve(final.id);
    expect(factsOf(kept)).toEqual(factsOf(final as unknown as Response));
    expect(factsOf(kept).runId).toMatch(/^run_/);
  });

  it.each([false, true])('tells citations as annotations, and with their quotes (stream: %s)', async (streamed) => {
    at.model.script({ text: 'Within 30 days of delivery [1].' });
    const asked = { model: 'agent/reader', input: 'How long may customers return an item?' };
    const response = streamed
      ? ((await at.client.responses.stream(asked).finalResponse()) as unknown as Response)
      : await create(asked);
    const [message] = response.output;
    if (message?.type !== 'message') throw new Error(JSON.stringify(response.output));
    const [citation] = factsOf(response).citations!;
    expect(citation!.quote).toBe('Customers may return any item within 30 days of delivery.');
    expect(message.content[0]).toMatchObject({
      annotations: [{ type: 'file_citation', index: 27, file_id: citation!.documentId, filename: 'Returns' }],
    });
  });

  it('asks what a waiting run asks, and lets nothing pass it', async () => {
    const waiting = await create({ model: 'agent/asker' });
    expect(waiting.output_text).toBe('Your name?');
    expect(factsOf(waiting).status).toBe('waiting');
    const next = create({ model: 'agent/asker', previous_response_id: waiting.id, input: 'Ada' });
    expect(await failing(next)).toMatchObject({ status: 409, code: 'thread_busy' });
  });

  it('cancels the run of a client that left', async () => {
    at.model.otherwise({ chunks: ['One '], end: 'stall' });
    const stream = await at.client.responses.create({ model: 'agent/support', input: ASK, stream: true });
    for await (const event of stream) if (event.type === 'response.output_text.delta') break;
    let run: { status: string } = { status: 'running' };
    while (run.status === 'running') {
      await turn();
      run = (await at.house.get('/api/v1/runs?limit=1')).body.data[0];
    }
    expect(run.status).toBe('cancelled');
  });

  it.each<[string, object]>([
    ['tools', { tools: [{ type: 'function', name: 'f', parameters: {}, strict: false }] }],
    ['text', { text: { format: { type: 'json_object' } } }],
    ['input', { input: [{ role: 'assistant', content: 'Yes?' }] }],
  ])('refuses %s, which an agent cannot follow', async (param, body) => {
    expect(await failing(create(body))).toMatchObject({ status: 400, param });
    expect(at.model.requests).toEqual([]);
  });

  it('knows no agent of another name', async () => {
    expect(await failing(create({ model: 'agent/nobody' }))).toMatchObject({ status: 404, code: 'model_not_found' });
  });
});
