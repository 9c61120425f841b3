import type { RequestContext, ThreadMessage } from '@guildhall/sdk';
import { WindowMemory } from './window-memory.js';

const messages = Array.from({ length: 30 }, (_, index): ThreadMessage => ({
  id: `msg_${index}`,
  role: index % 2 === 0 ? 'user' : 'assistant',
  text: String(index),
  at: '2026-11-01T00:00:00.000Z',
}));

describe('WindowMemory', () => {
  const memory = new WindowMemory();
  const ctx = {} as RequestContext;

  it('shows the last twenty messages unless the agent says otherwise', () => {
    expect(memory.select(ctx, messages, {})).toEqual(messages.slice(-20));
    expect(memory.select(ctx, messages, { window: 3 })).toEqual(messages.slice(-3));
  });

  it('keeps to its token budget whatever the window', () => {
    const long = messages.map((message) => ({ ...message, text: 'x'.repeat(4_000) }));
    expect(memory.select(ctx, long, { window: 30 })).toHaveLength(7);
  });
});
