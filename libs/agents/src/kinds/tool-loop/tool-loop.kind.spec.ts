import type {
  AgentDefinition,
  ModelMessage,
  ModelReply,
  ModelRequest,
  Passage,
  RetrievalQuery,
  RunContext,
  ToolCall,
} from '@guildhall/sdk';
import { ToolLoop } from './tool-loop.kind.js';

const agent = {
  instructions: 'Be brief.',
  model: { route: 'default' },
  tools: ['calculator'],
  knowledge: [{ collectionId: 'col_1', topK: 6 }, { collectionId: 'col_2' }],
} as unknown as AgentDefinition;

const reply = (text: string, toolCalls: ToolCall[] = []): ModelReply => ({
  text,
  toolCalls,
  citations: [],
  finishReason: toolCalls.length > 0 ? 'tool-calls' : 'stop',
  usage: { inputTokens: 1, outputTokens: 1, cachedTokens: 0, costMicroUsd: 0 },
  provider: 'fake',
  model: 'fake',
});

/** A run whose model says these things in turn; everything the agent does is written down. */
function runOf(replies: ModelReply[], text: string | undefined = 'How long?') {
  const seen = {
    models: [] as ModelRequest[],
    tools: [] as ToolCall[],
    queries: [] as RetrievalQuery[],
    running: 0,
    most: 0,
  };
  const conversation: ModelMessage[] = [{ role: 'user', text: text ?? '' }];
  const ctx = {
    input: { text },
    conversation: async () => [...conversation],
    tools: async (names: string[]) => names.map((name) => ({ name, description: '', inputSchema: {}, effect: 'read' })),
    model: async (request: ModelRequest) => {
      seen.models.push(request);
      return replies.shift()!;
    },
    tool: async (call: ToolCall) => {
      seen.tools.push(call);
      seen.most = Math.max(seen.most, ++seen.running);
      await Promise.resolve();
      seen.running--;
      conversation.push({ role: 'tool', callId: call.id, tool: call.tool, output: 36 });
      return { ok: true, output: 36, durationMs: 1 };
    },
    retrieve: async (query: RetrievalQuery) => {
      seen.queries.push(query);
      const hits = ['a', 'b'].map((chunk) => ({ chunkId: `${query.collectionId}-${chunk}` }) as Passage);
      return { mode: 'lexical', hits };
    },
    answer: (final: ModelReply) => ({ text: final.text, citations: final.citations }),
  } as unknown as RunContext;
  return { ctx, seen };
}

describe('the tool loop', () => {
  const loop = new ToolLoop();

  it('answers from instructions, conversation, tools and knowledge', async () => {
    const { ctx, seen } = runOf([reply('30 days')]);
    expect(await loop.run(ctx, agent)).toEqual({ text: '30 days', citations: [] });
    expect(seen.queries).toEqual([
      { collectionId: 'col_1', topK: 6, query: 'How long?' },
      { collectionId: 'col_2', query: 'How long?' },
    ]);
    expect(seen.models).toEqual([
      {
        model: { route: 'default' },
        messages: [
          { role: 'system', text: 'Be brief.' },
          { role: 'user', text: 'How long?' },
        ],
        tools: [expect.objectContaining({ name: 'calculator' })],
        knowledge: ['col_1-a', 'col_2-a', 'col_1-b', 'col_2-b'].map((chunkId) => ({ chunkId })),
      },
    ]);
  });

  it('runs the tools of a reply at the same time and asks again with their results', async () => {
    const calls = ['1', '2'].map((id) => ({ id, tool: 'calculator', input: {} }));
    const { ctx, seen } = runOf([reply('', calls), reply('36')]);
    expect(await loop.run(ctx, agent)).toMatchObject({ text: '36' });
    expect(seen.tools).toEqual(calls);
    expect(seen.most).toBe(2);
    expect(seen.models[1]!.messages).toHaveLength(4);
  });

  it('goes on as long as the model calls tools', async () => {
    const call = { id: '1', tool: 'calculator', input: {} };
    const { ctx, seen } = runOf([reply('', [call]), reply('', [call]), reply('', [call]), reply('done')]);
    expect(await loop.run(ctx, agent)).toMatchObject({ text: 'done' });
    expect(seen.tools).toHaveLength(3);
  });

  it('searches for nothing when there is no text, and needs no instructions', async () => {
    const { ctx, seen } = runOf([reply('hm')], '  ');
    await loop.run(ctx, { ...agent, instructions: '' });
    expect(seen.queries).toEqual([]);
    expect(seen.models[0]!.messages.map(({ role }) => role)).toEqual(['user']);
    // Nobody looked, so nobody can say that the documents hold nothing.
    expect(seen.models[0]).not.toHaveProperty('knowledge');
  });

  it('shows the model the data of a run that is nothing else', async () => {
    const { ctx, seen } = runOf([reply('hm')], '');
    await loop.run({ ...ctx, input: { data: { order: 7 } } }, agent);
    expect(seen.models[0]!.messages.at(-1)).toMatchObject({
      role: 'user',
      text: expect.stringContaining('"order": 7'),
    });
  });

  it('says nothing of documents to the model of an agent that has none', async () => {
    const { ctx, seen } = runOf([reply('Hello')]);
    await loop.run(ctx, { ...agent, knowledge: [] });
    expect(seen.models[0]).not.toHaveProperty('knowledge');
  });

  it('ends when the model cannot mend its calls', async () => {
    const call = { id: '1', tool: 'calculator', input: {} };
    const { ctx, seen } = runOf(Array.from({ length: 5 }, () => reply('', [call])));
    const refused = { ok: false, error: { code: 'validation_failed', message: 'no' }, durationMs: 1 };
    Object.assign(ctx, { tool: async () => refused });
    await expect(loop.run(ctx, agent)).rejects.toMatchObject({ code: 'invalid_tool_arguments' });
    expect(seen.models).toHaveLength(3);
  });

  describe('with an output schema', () => {
    const outputSchema = { type: 'object', properties: { days: { type: 'integer' } }, required: ['days'] };
    const strict = { ...agent, outputSchema, model: { route: 'default', fallbackToBuiltin: true } };

    it('asks for it with every call and answers with its value', async () => {
      const call = { id: '1', tool: 'calculator', input: {} };
      const { ctx, seen } = runOf([reply('', [call]), reply('{"days":30}')]);
      Object.assign(ctx, { answer: (final: unknown) => final });
      expect(await loop.run(ctx, strict)).toEqual({ text: '{"days":30}', citations: [], data: { days: 30 } });
      expect(seen.models.map(({ responseSchema }) => responseSchema)).toEqual([outputSchema, outputSchema]);
    });

    it('asks the same route once more with what was wrong, but not the built-in model', async () => {
      const { ctx, seen } = runOf([reply('30 days'), reply('{"days":30}')]);
      Object.assign(ctx, { answer: (final: unknown) => final });
      expect(await loop.run(ctx, strict)).toMatchObject({ data: { days: 30 } });
      expect(seen.models.map(({ model }) => model)).toEqual([
        { route: 'default', fallbackToBuiltin: true },
        { route: 'default', fallbackToBuiltin: false },
      ]);
      expect(seen.models[1]!.messages.at(-1)).toMatchObject({
        role: 'user',
        text: expect.stringContaining('the reply is not JSON'),
      });
    });

    it('gives up when the second answer is wrong too, tools called between or not', async () => {
      const call = { id: '1', tool: 'calculator', input: {} };
      const { ctx, seen } = runOf([reply('30 days'), reply('', [call]), reply('{}'), reply('{"days":1}')]);
      await expect(loop.run(ctx, strict)).rejects.toMatchObject({ code: 'invalid_output' });
      expect(seen.models).toHaveLength(3);
    });
  });
});
