import fc from 'fast-check';
import { ChatStream } from './chat-stream.js';

const chunk = (choice: object, more: object = {}) => `data: ${JSON.stringify({ choices: [choice], ...more })}\n\n`;
const says = (content: string) => chunk({ delta: { content }, finish_reason: null });
const calls = (...tool_calls: object[]) => chunk({ delta: { tool_calls } });
const END = `${chunk({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`;

function read(...lines: string[]) {
  const heard = { text: [] as string[], thoughts: [] as string[], usage: [] as object[] };
  const stream = new ChatStream('vendor', {
    onDelta: (text) => heard.text.push(text),
    onReasoning: (text) => heard.thoughts.push(text),
    onUsage: (usage) => heard.usage.push(usage),
  });
  for (const some of lines) stream.take(Buffer.from(some));
  return { heard, end: () => stream.end() };
}

describe('ChatStream', () => {
  it('hands on text as it comes and has it whole at the end', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (pieces) => {
        const { heard, end } = read(...pieces.map(says), END);
        expect(end().text).toBe(pieces.join(''));
        expect(heard.text.join('')).toBe(pieces.join(''));
      }),
    );
  });

  it('never ends a piece in half a character', () => {
    const { heard } = read(says('a\ud83d'), says('\ude00b'), END);
    expect(heard.text).toEqual(['a', '😀b']);
  });

  it('tells thoughts apart from what is said, under either name', () => {
    const { heard, end } = read(
      chunk({ delta: { reasoning_content: 'Let me ' } }),
      chunk({ delta: { reasoning: 'see.' } }),
      says('Yes.'),
      END,
    );
    expect(end()).toMatchObject({ text: 'Yes.', reasoning: 'Let me see.' });
    expect(heard.thoughts).toEqual(['Let me ', 'see.']);
  });

  it('joins the pieces of tool calls by their index', () => {
    const { end } = read(
      calls({ index: 0, id: 'a', function: { name: 'one', arguments: '{"x"' } }),
      calls({ index: 1, id: 'b', function: { name: 'two', arguments: '' } }),
      calls({ index: 0, function: { arguments: ':1}' } }, { index: 1, function: { arguments: '{}' } }),
      END,
    );
    expect(end().toolCalls).toEqual([
      { toolCallId: 'a', toolName: 'one', input: '{"x":1}' },
      { toolCallId: 'b', toolName: 'two', input: '{}' },
    ]);
  });

  it('takes calls without an index for whole ones, and gives an id to those that have none', () => {
    const whole = (name: string) => ({ function: { name, arguments: '{}' } });
    const { end } = read(calls(whole('one'), whole('two')), END);
    expect(end().toolCalls.map(({ toolCallId, toolName }) => [toolCallId, toolName])).toEqual([
      ['call_1', 'one'],
      ['call_2', 'two'],
    ]);
  });

  it.each([
    ['text that is none', chunk({ delta: { content: 7 } })],
    ['calls that are no list', chunk({ delta: { tool_calls: {} } })],
    ['a call that skips a place', calls({ index: 3, function: { name: 'x', arguments: '' } })],
    ['a call without a name', calls({ index: 0, function: { arguments: '{}' } })],
  ])('refuses %s', (_what, line) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ code: 'provider_malformed_reply' }));
  });

  it('is not at its end without a finish reason, and says what was counted until then', () => {
    const { heard, end } = read(
      chunk({ delta: { content: 'a' } }, { usage: { prompt_tokens: 3, completion_tokens: 1 } }),
    );
    expect(heard.usage).toEqual([{ inputTokens: 3, outputTokens: 1, cachedTokens: 0 }]);
    expect(end).toThrow(expect.objectContaining({ code: 'provider_malformed_reply' }));
  });
});
