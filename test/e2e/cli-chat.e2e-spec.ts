import { PassThrough } from 'node:stream';
import { type TestTenant, testTenant } from '@guildhall/testing';
import { Conversation } from '../../apps/cli/src/chat/conversation.js';
import { findAgent } from '../../apps/cli/src/chat/find-agent.js';
import { InputLines } from '../../apps/cli/src/chat/input-lines.js';
import { Server } from '../../apps/cli/src/server/server.js';

/** What `guildhall chat` does with what is typed, against a whole server. */

const SUM = 'What is 15% of 240?';

let house: TestTenant;
let server: Server;

beforeAll(async () => {
  house = await testTenant();
  server = new Server(house.url, house.apiKey);
  const collection = await house.post('/api/v1/collections', { name: 'handbook' });
  const text = '# Returns\n\nCustomers may return any item within 30 days of delivery.';
  const knowledge = [{ collectionId: collection.body.data.id }];
  const document = { title: 'Returns\u001b[2J', text };
  const path = `/api/v1/collections/${collection.body.data.id}/documents`;
  await house.post(path, document, { headers: { prefer: 'wait=30' } });
  const agent = { instructions: 'Answer from the handbook.', tools: ['calculator'], knowledge };
  await house.post('/api/v1/agents', { ...agent, name: 'support' });
  await house.post('/api/v1/agents', {
    ...agent,
    name: 'careful',
    approvals: [{ tool: 'calculator', when: 'always' }],
  });
});
afterAll(() => house.close());

/** Says the first line to the agent; the others stand ready for its questions. */
async function chat(name: string, [text, ...typed]: readonly string[], threadId?: string) {
  let shown = '';
  const { id } = await findAgent(server, name);
  const conversation = new Conversation(server, id, (piece) => (shown += piece), threadId);
  const input = new PassThrough();
  const lines = new InputLines(input, new PassThrough(), () => conversation.interrupt());
  input.end(typed.map((line) => `${line}\n`).join(''));
  const isAnswered = await conversation.say(text!, lines);
  lines.close();
  return { isAnswered, shown, threadId: conversation.threadId };
}

describe('guildhall chat', () => {
  it('shows what is said, with the quotes it rests on, and nothing that a terminal would obey', async () => {
    const { isAnswered, shown } = await chat('support', ['Within how many days may customers return an item?']);
    expect(isAnswered).toBe(true);
    expect(shown).toMatch(/within 30 days of delivery/);
    expect(shown).toMatch(/^ {2}\[1\] Returns\[2J: "Customers may return any item within 30 days of delivery\."$/m);
    expect(shown).not.toContain('\u001b');
  });

  it('shows the tools that are called, and goes on with the thread', async () => {
    const first = await chat('support', [SUM]);
    expect(first.shown).toMatch(/^ {2}→ calculator \{.*240.*\}\n {2}← .*36.*\n/m);
    const second = await chat('support', ['What is 2 + 2?'], first.threadId);
    expect(second.threadId).toBe(first.threadId);
    const { body } = await house.get(`/api/v1/threads/${first.threadId}/messages`);
    expect(body.data).toHaveLength(4);
  });

  it('asks until it is told something that the question takes, and then goes on', async () => {
    const { isAnswered, shown } = await chat('careful', [SUM, 'perhaps', 'yes']);
    expect(shown).toMatch(/^\? .*calculator/m);
    expect(shown).toContain('Say approve or reject\n');
    expect(shown).toMatch(/← .*36/);
    expect(isAnswered).toBe(true);
  });

  it('says how a question may still be answered when nobody is there to do it', async () => {
    const { isAnswered, shown } = await chat('careful', [SUM]);
    expect(isAnswered).toBe(false);
    const [, runId, interruptId] = /^Run (run_\w+) waits for an answer: POST .*(int_\w+)\/respond$/m.exec(shown)!;
    const { body } = await house.get(`/api/v1/interrupts/${interruptId}`);
    expect(body.data).toMatchObject({ runId, status: 'pending' });
  });

  it('cancels the run at the first interruption, and leaves at the second', async () => {
    const { id } = await findAgent(server, 'careful');
    const asked = Promise.withResolvers<void>();
    let shown = '';
    const write = (piece: string) => {
      shown += piece;
      if (piece.includes('approve or reject')) asked.resolve();
    };
    const conversation = new Conversation(server, id, write, undefined);
    const lines = new InputLines(new PassThrough(), new PassThrough(), () => conversation.interrupt());
    const said = conversation.say(SUM, lines);
    await asked.promise;
    conversation.interrupt();
    expect(await said).toBe(false);
    expect(shown).toContain('Cancelled.\n');
    expect(conversation.left.aborted).toBe(false);
    conversation.interrupt();
    expect(await lines.next('> ', conversation.left)).toBeUndefined();
    expect(conversation.left.aborted).toBe(true);
    lines.close();
  });

  it('names the agent that was probably meant, and those there are', async () => {
    await expect(findAgent(server, 'suport')).rejects.toThrow("No agent is called 'suport'; did you mean 'support'?");
    await expect(findAgent(server, undefined)).rejects.toThrow(/^Say which: (careful, support|support, careful)$/);
  });
});
