import type { ModelMessage } from '@guildhall/sdk';
import type { Message } from './threads/thread.repository.js';

type Said = Pick<Message, 'role' | 'text' | 'parts'>;

/**
 * What was said before, as messages of a thread. Threads keep no tool calls: what a caller's tool answered is kept to be
 * read, the memory shows it to no model, and a message that only called tools says nothing.
 */
export function said(history: readonly ModelMessage[]): Said[] {
  return history.map(toSaid).filter(({ text, parts }) => text !== '' || parts !== null);
}

function toSaid(message: ModelMessage): Said {
  const { role } = message;
  if (role === 'tool') {
    const { output } = message;
    return { role, text: typeof output === 'string' ? output : (JSON.stringify(output) ?? ''), parts: null };
  }
  return { role, text: message.text, parts: (role === 'user' && message.parts) || null };
}
