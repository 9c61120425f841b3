import { readFile, readdir } from 'node:fs/promises';

const HANDBOOK = 'test/fixtures/handbook';
const TITLES = { 'returns.md': 'Returns', 'shipping.md': 'Shipping', 'warranty.md': 'Warranty' };

export const QUESTION = 'How many days do customers have to return an item, and what is 15% of 240?';

/** Documents in: a collection with the handbook, each document ready to be cited. */
export async function ingestHandbook(client) {
  const collection = await client.post('/collections', { name: 'Handbook' });
  const documents = [];
  for (const file of (await readdir(HANDBOOK)).toSorted()) {
    const text = await readFile(`${HANDBOOK}/${file}`, 'utf8');
    const document = { title: TITLES[file] ?? file, text, mediaType: 'text/markdown' };
    documents.push(await client.post(`/collections/${collection.id}/documents`, document, { prefer: 'wait=30' }));
  }
  return { collection, documents };
}

export function createAgent(client, collection) {
  return client.post('/agents', {
    name: 'support',
    description: 'Answers from the handbook',
    kind: 'tool-loop',
    instructions: 'Answer from the handbook and cite it. Use the calculator for arithmetic.',
    tools: ['calculator'],
    knowledge: [{ collectionId: collection.id, topK: 6 }],
  });
}

/** Asks on a new thread; `onText` gets each piece of the answer as it streams in. */
export async function ask(client, agent, question, onText) {
  const thread = await client.post('/threads', { title: 'Demo' });
  const events = [];
  for await (const event of client.stream(`/threads/${thread.id}/runs`, { agentId: agent.id, input: question })) {
    events.push(event);
    if (event.type === 'message.delta') onText(event.payload.text);
  }
  const run = await client.get(`/runs/${events[0].runId}`);
  const steps = await client.get(`/runs/${run.id}/steps`);
  return { events, run, tools: steps.filter((step) => step.kind === 'tool') };
}

/** Every quote beside the text of its document at the offsets it names. */
export function checkedCitations(client, citations) {
  return Promise.all(
    citations.map(async (citation) => {
      const { text } = await client.get(`/documents/${citation.documentId}/text`);
      return { ...citation, verbatim: text.slice(citation.charStart, citation.charEnd) === citation.quote };
    }),
  );
}
