import fc from 'fast-check';
import type { MessageRole, ThreadMessage } from '@guildhall/sdk';
import { selectWindow } from './select-window.js';

const AT = '2026-11-01T00:00:00.000Z';
const thread = (...messages: [MessageRole, string][]): ThreadMessage[] =>
  messages.map(([role, text], index) => ({ id: `msg_${index}`, role, text, at: AT }));
const texts = (messages: readonly ThreadMessage[]) => messages.map((message) => message.text);
const roomy = { window: 20, tokenBudget: 8000 };

describe('selectWindow', () => {
  it('keeps a short thread as it is', () => {
    const messages = thread(['user', 'hi'], ['assistant', 'hello'], ['user', 'bye']);
    expect(selectWindow(messages, roomy)).toEqual(messages);
  });

  it('keeps the last messages up to the window, oldest first', () => {
    const messages = thread(['user', '1'], ['assistant', '2'], ['user', '3']);
    expect(texts(selectWindow(messages, { ...roomy, window: 2 }))).toEqual(['2', '3']);
  });

  it('puts system messages first and does not count them', () => {
    const messages = thread(['user', '1'], ['assistant', '2'], ['system', 'rules'], ['user', '3']);
    expect(texts(selectWindow(messages, { ...roomy, window: 2 }))).toEqual(['rules', '2', '3']);
  });

  it('stops at the first message that exceeds the token budget, leaving no hole', () => {
    const messages = thread(['user', 'a'], ['assistant', 'x'.repeat(400)], ['user', 'b'], ['assistant', 'c']);
    expect(texts(selectWindow(messages, { window: 20, tokenBudget: 60 }))).toEqual(['b', 'c']);
  });

  it('keeps the newest message even when it alone exceeds the budget', () => {
    const messages = thread(['user', 'a'], ['user', 'x'.repeat(4000)]);
    expect(selectWindow(messages, { window: 20, tokenBudget: 10 })).toEqual([messages[1]]);
  });

  it('drops a call together with its results, never one alone', () => {
    const messages = thread(['user', 'q'], ['assistant', 'call'], ['tool', 'r1'], ['tool', 'r2'], ['assistant', 'a']);
    expect(texts(selectWindow(messages, { ...roomy, window: 3 }))).toEqual(['a']);
    expect(texts(selectWindow(messages, { ...roomy, window: 4 }))).toEqual(['call', 'r1', 'r2', 'a']);
  });

  it('leaves out tool results whose call is not in the thread', () => {
    expect(texts(selectWindow(thread(['tool', 'orphan'], ['user', 'q']), roomy))).toEqual(['q']);
  });

  it('keeps only system messages when the window is 0', () => {
    const messages = thread(['system', 'rules'], ['user', 'q']);
    expect(texts(selectWindow(messages, { ...roomy, window: 0 }))).toEqual(['rules']);
  });

  it('always returns a suffix of the conversation in which no tool result stands without its call', () => {
    const role = fc.constantFrom<MessageRole>('user', 'assistant', 'tool', 'system');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(role, fc.string({ maxLength: 60 }))),
        fc.nat(10),
        fc.nat(60),
        (raw, window, tokenBudget) => {
          const messages = thread(...raw);
          const picked = selectWindow(messages, { window, tokenBudget }).filter((message) => message.role !== 'system');
          const spoken = messages.filter((message) => message.role !== 'system');
          expect(picked).toEqual(picked.length === 0 ? [] : spoken.slice(-picked.length));
          expect(picked[0]?.role).not.toBe('tool');
        },
      ),
    );
  });
});
