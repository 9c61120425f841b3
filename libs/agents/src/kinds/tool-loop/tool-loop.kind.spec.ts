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
  });
});
