import type { Passage, RetrievalQuery, Retriever, ToolContext } from '@guildhall/sdk';
import { KnowledgeSearch } from './knowledge-search.tool.js';

const passage = (chunkId: string): Passage => ({
  chunkId,
  documentId: 'doc_1',
  documentTitle: 'Handbook',
  text: `text of ${chunkId}`,
  score: 1,
  ranks: { lexical: 1 },
  charStart: 10,
  charEnd: 20,
  headingPath: ['Returns'],
  metadata: { secret: 'not for the model' },
});

const asked: RetrievalQuery[] = [];
const retriever: Retriever = {
  retrieve: async (_, query) => {
    asked.push(query);
    return { mode: 'lexical', hits: [passage(`${query.collectionId}-a`), passage(`${query.collectionId}-b`)] };
  },
};
const tool = new KnowledgeSearch(retriever);
const context = (collectionIds: string[]) => ({ collectionIds, groups: ['group:staff'] }) as unknown as ToolContext;

describe('knowledge.search', () => {
  it('searches all collections of the agent, as the end user, the best of each first', async () => {
    asked.length = 0;
    const { passages } = await tool.execute({ query: 'returns', topK: 3 }, context(['col_1', 'col_2']));
    expect(passages.map(({ chunkId }) => chunkId)).toEqual(['col_1-a', 'col_2-a', 'col_1-b']);
    expect(asked[0]).toEqual({ collectionId: 'col_1', query: 'returns', topK: 3, groups: ['group:staff'] });
  });

  it('gives ids and offsets to cite, and no metadata', async () => {
    const { passages } = await tool.execute({ query: 'returns', topK: 1 }, context(['col_1']));
    expect(passages[0]).toMatchObject({ documentId: 'doc_1', charStart: 10, charEnd: 20, text: 'text of col_1-a' });
    expect(JSON.stringify(passages)).not.toContain('not for the model');
  });

  it('searches one collection when it is named', async () => {
    const { passages } = await tool.execute(
      { query: 'x', topK: 5, collectionId: 'col_2' },
      context(['col_1', 'col_2']),
    );
    expect(passages.map(({ collectionId }) => collectionId)).toEqual(['col_2', 'col_2']);
  });

  it('refuses a collection that the agent may not read, and says which it may', async () => {
    asked.length = 0;
    const searching = tool.execute({ query: 'x', topK: 5, collectionId: 'col_9' }, context(['col_1']));
    await expect(searching).rejects.toMatchObject({
      category: 'validation',
      message: expect.stringContaining('col_1'),
    });
    expect(asked).toEqual([]);
  });

  it('says that nothing is open to a call outside a run', async () => {
    const searching = tool.execute({ query: 'x', topK: 5 }, context([]));
    await expect(searching).rejects.toMatchObject({ message: expect.stringContaining('No collection is open') });
  });
});
