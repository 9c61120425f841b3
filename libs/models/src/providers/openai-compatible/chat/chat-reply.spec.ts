import { readReply } from './chat-reply.js';

const read = (message: object) =>
  readReply('vendor', JSON.stringify({ choices: [{ message, finish_reason: 'stop' }] }));

describe('readReply', () => {
  it('reads text in parts, and arguments that are an object', () => {
    const called = { name: 'f', arguments: { x: 1 } };
    expect(read({ content: [{ type: 'text', text: 'done' }], tool_calls: [{ id: 'a', function: called }] })).toEqual({
      text: 'done',
      reasoning: '',
      toolCalls: [{ toolCallId: 'a', toolName: 'f', input: '{"x":1}' }],
      finishReason: { unified: 'stop', raw: 'stop' },
    });
  });

  it('takes null for absence everywhere', () => {
    const calls = [{ id: null, function: { name: 'f', arguments: null } }];
    expect(read({ content: null, reasoning: null, tool_calls: calls })).toMatchObject({
      text: '',
      toolCalls: [{ toolCallId: 'call_1', toolName: 'f', input: '' }],
    });
    expect(read({ content: 'a', tool_calls: null })).toMatchObject({ text: 'a', toolCalls: [] });
  });

  it.each([
    ['a text that is a number', { content: 7 }],
    ['a part that is none', { content: [true] }],
    ['arguments that are a list', { tool_calls: [{ function: { name: 'f', arguments: [7] } }] }],
  ])('refuses %s', (_what, message) => {
    expect(() => read(message)).toThrow(expect.objectContaining({ code: 'provider_malformed_reply' }));
  });
});
