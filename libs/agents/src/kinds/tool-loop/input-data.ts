import type { ModelMessage } from '@guildhall/sdk';

/** The conversation with a run's `data` in its user's message, where the model can read it. */
export function withInputData(messages: readonly ModelMessage[], data: unknown): readonly ModelMessage[] {
  if (data === undefined || data === null) return messages;
  const block = `\`\`\`json\n${JSON.stringify(data, null, 2)}\n\`\`\``;
  const at = messages.findLastIndex(({ role }) => role === 'user');
  const asked = messages[at];
  if (asked?.role !== 'user') return [...messages, { role: 'user', text: block }];
  const text = asked.text.trim() === '' ? block : `${asked.text}\n\n${block}`;
  return messages.with(at, { ...asked, text });
}
