import type { z } from 'zod';
import {
  type ModelRequest,
  type Passage,
  type RetrievalQuery,
  type RunContext,
  type WorkerOptions,
  contributionOf,
} from '@guildhall/sdk';
import type { Contributions } from '@guildhall/core';
import { MessageWorker } from './builtin/message.worker.js';
import { RagWorker } from './builtin/rag.worker.js';
import { WorkerCatalogue } from './worker-catalogue.js';

const dataOf = (worker: object) => (contributionOf(worker)!.options as WorkerOptions).data as z.ZodType<never>;
const message = (data: object) => dataOf(MessageWorker).parse(data);
const rag = (data: object) => dataOf(RagWorker).parse(data);

/** A run whose model repeats what it was told; everything asked of it is written down. */
function run(text?: string, provider = 'groq') {
  const asked = { models: [] as ModelRequest[], queries: [] as RetrievalQuery[] };
  const ctx = {
    input: { text },
    conversation: async () => [{ role: 'user', text: 'Hi there' }],
    model: async (request: ModelRequest) => {
      asked.models.push(request);
      return { text: 'Said', citations: [{ index: 1 }], toolCalls: [], data: { mode: 'fake' }, provider };
    },
    retrieve: async (query: RetrievalQuery) => {
      asked.queries.push(query);
      return { mode: 'lexical', hits: ['a', 'b'].map((c) => ({ chunkId: `${query.collectionId}-${c}` }) as Passage) };
    },
  } as unknown as RunContext;
  return { ctx, asked };
}

describe('the message worker', () => {
  it('says its text word for word when told to, without a model', async () => {
    const { ctx, asked } = run();
    const answer = await new MessageWorker().process(ctx, message({ text: 'Welcome!', direct: true }));
    expect(answer).toEqual({ text: 'Welcome!', citations: [] });
    expect(asked.models).toEqual([]);
  });

  it('otherwise fits it into the conversation', async () => {
    const { ctx, asked } = run();
    expect(await new MessageWorker().process(ctx, message({ text: 'Welcome!' }))).toMatchObject({ text: 'Said' });
    expect(asked.models).toEqual([
      {
        model: { route: 'default' },
        messages: [
          { role: 'system', text: expect.stringContaining('Welcome!') },
          { role: 'user', text: 'Hi there' },
        ],
      },
    ]);
  });

  it('says its text word for word where only the built-in model answers', async () => {
    const { ctx, asked } = run('Hi', 'builtin');
    const answer = await new MessageWorker().process(ctx, message({ text: 'Welcome!' }));
    expect(answer).toEqual({ text: 'Welcome!', citations: [] });
    expect(asked.models).toHaveLength(1);
  });

  it('takes a pinned model only whole', () => {
    expect(() => message({ text: 'a', model: { provider: 'groq' } })).toThrow("both 'provider' and 'name'");
  });
});

describe('the rag worker', () => {
  it('answers from what its collections hold on the question, the best of each first', async () => {
    const { ctx, asked } = run('ignored');
    const data = rag({
      question: 'How long?',
      collectionIds: ['col_1', 'col_2'],
      topK: 2,
      filter: { 'metadata.a': 1 },
    });
    expect(await new RagWorker().process(ctx, data)).toEqual({
      text: 'Said',
      citations: [{ index: 1 }],
      data: { mode: 'fake' },
    });
    const query = { query: 'How long?', topK: 2, filter: { 'metadata.a': 1 } };
    expect(asked.queries).toEqual([
      { collectionId: 'col_1', ...query },
      { collectionId: 'col_2', ...query },
    ]);
    expect(asked.models[0]!.knowledge!.map(({ chunkId }) => chunkId)).toEqual([
      'col_1-a',
      'col_2-a',
      'col_1-b',
      'col_2-b',
    ]);
  });

  it("asks the run's input when it has no question of its own", async () => {
    const { ctx, asked } = run('  How far?  ');
    await new RagWorker().process(ctx, rag({ collectionIds: ['col_1'] }));
    expect(asked.queries).toEqual([{ collectionId: 'col_1', query: 'How far?', topK: 8 }]);
  });

  it('refuses to work without any question', async () => {
    const { ctx } = run();
    await expect(new RagWorker().process(ctx, rag({ collectionIds: ['col_1'] }))).rejects.toMatchObject({
      category: 'validation',
      message: expect.stringContaining("give 'question'"),
    });
  });
});

describe('the catalogue of workers', () => {
  const found = [
    Object.assign({ pluginId: 'workers', instance: new MessageWorker() }, contributionOf(MessageWorker)),
    Object.assign({ pluginId: 'shop', instance: new RagWorker() }, contributionOf(RagWorker)),
  ];
  const contributions = {
    list: () => found,
    find: (_kind: string, name: string) => found.find((one) => one.name === name),
  } as unknown as Contributions;
  const catalogue = new WorkerCatalogue(contributions);

  it('shows each with its plugin and the schema of its data', () => {
    expect(catalogue.list()).toEqual([
      expect.objectContaining({ id: 'message', name: 'message', kind: 'builtin', plugin: 'workers', status: 'active' }),
      expect.objectContaining({ id: 'rag', kind: 'plugin', plugin: 'shop' }),
    ]);
    expect(catalogue.get('rag').inputSchema).toMatchObject({ type: 'object', required: ['collectionIds'] });
    expect(catalogue.get('rag')).toBe(catalogue.get('rag'));
  });

  it('knows no others', () => {
    expect(() => catalogue.get('nobody')).toThrow(expect.objectContaining({ code: 'worker_not_found' }));
  });
});
