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
    ['a part that is none', chunk({ delta: { content: [7] } })],
    ['arguments that are none', calls({ index: 0, function: { name: 'x', arguments: 7 } })],
  ])('refuses %s', (_what, line) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ code: 'provider_malformed_reply' }));
  });

  it('refuses a call that nobody named', () => {
    const { end } = read(calls({ index: 0, function: { arguments: '{}' } }), END);
    expect(end).toThrow(expect.objectContaining({ code: 'provider_malformed_reply' }));
  });

  it.each<[string, object[], string[][]]>([
    [
      'one index for all',
      [
        { index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } },
        { index: 0, id: 'b', function: { name: 'f', arguments: '{"x"' } },
        { index: 0, function: { arguments: ':2}' } },
      ],
      [
        ['a', 'f', '{"x":1}'],
        ['b', 'f', '{"x":2}'],
      ],
    ],
    [
      'one index for all and no ids',
      [
        { index: 0, function: { name: 'f', arguments: '{"x":1}' } },
        { index: 0, function: { name: 'f', arguments: '{"x":2}' } },
        { index: 0, function: { name: 'g', arguments: '{}' } },
      ],
      [
        ['call_1', 'f', '{"x":1}'],
        ['call_2', 'f', '{"x":2}'],
        ['call_3', 'g', '{}'],
      ],
    ],
    [
      'an index that begins at 1',
      [
        { index: 1, id: 'a', function: { name: 'f', arguments: '{' } },
        { index: 1, function: { arguments: '}' } },
      ],
      [['a', 'f', '{}']],
    ],
    [
      'no index, in pieces',
      [
        { id: 'a', function: { name: 'f', arguments: '{"x"' } },
        { index: null, id: null, function: { name: null, arguments: ':1}' } },
        { id: 'b', function: { name: 'g', arguments: '{' } },
        { id: 'b', function: { arguments: '}' } },
      ],
      [
        ['a', 'f', '{"x":1}'],
        ['b', 'g', '{}'],
      ],
    ],
    [
      'the id and the name in every piece',
      [
        { index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } },
        { index: 0, id: 'a', function: { name: 'f', arguments: ':1}' } },
      ],
      [['a', 'f', '{"x":1}']],
    ],
    [
      'the name in every piece, without ids',
      [
        { index: 0, function: { name: 'f', arguments: '' } },
        { index: 0, function: { name: 'f', arguments: '{"x"' } },
        { index: 0, function: { name: 'f', arguments: ':1}' } },
      ],
      [['call_1', 'f', '{"x":1}']],
    ],
    [
      'another id in every piece',
      [
        { index: 0, id: 'a', function: { name: 'f', arguments: '{' } },
        { index: 0, id: 'z', function: { arguments: '}' } },
      ],
      [['a', 'f', '{}']],
    ],
    [
      'the name after the id',
      [
        { index: 0, id: 'a', function: { arguments: '' } },
        { index: 0, function: { name: 'f' } },
        { index: 0, function: { arguments: '{}' } },
      ],
      [['a', 'f', '{}']],
    ],
    [
      'one id for all',
      [
        { index: 0, id: 'a', function: { name: 'f', arguments: '{}' } },
        { index: 1, id: 'a', function: { name: 'g', arguments: '{}' } },
      ],
      [
        ['a', 'f', '{}'],
        ['a', 'g', '{}'],
      ],
    ],
    [
      'arguments as an object, and nothing more to say',
      [
        { index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } },
        { index: 0, id: '', function: { name: '', arguments: '' } },
        { index: 1 },
      ],
      [['a', 'f', '{"x":1}']],
    ],
  ])('reads calls of a vendor that sends %s', (_what, pieces, expected) => {
    const { end } = read(...pieces.map((piece) => calls(piece)), END);
    expect(end().toolCalls.map(({ toolCallId, toolName, input }) => [toolCallId, toolName, input])).toEqual(expected);
  });

  it('reads text in parts, before and after calls, and leaves out what is no text', () => {
    const parts = [{ type: 'text', text: 'On' }, 'ce', { type: 'thinking', thinking: [] }, { text: '.' }];
    const call = calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } });
    const { end } = read(chunk({ delta: { content: parts } }), call, says(' Twice.'), END);
    expect(end()).toMatchObject({ text: 'Once. Twice.', toolCalls: [{ toolName: 'f' }] });
  });

  it('takes null and nothing for absence everywhere', () => {
    const nothing = { content: null, reasoning: null, reasoning_content: null, tool_calls: null, role: null };
    const { end } = read(
      chunk({ delta: nothing, finish_reason: '' }, { usage: null }),
      chunk({ delta: null }),
      'data: {"choices":null}\n\n',
      'data: {"usage":{"prompt_tokens":3,"completion_tokens":1}}\n\n',
      says('a'),
      END,
    );
    expect(end()).toMatchObject({ text: 'a', toolCalls: [] });
  });

  it('is not at its end where every finish reason is empty', () => {
    const { end } = read(chunk({ delta: { content: 'a' }, finish_reason: '' }), 'data: [DONE]\n\n');
    expect(end).toThrow(expect.objectContaining({ code: 'provider_malformed_reply' }));
  });

  it('is not at its end without a finish reason, and says what was counted until then', () => {
    const { heard, end } = read(
      chunk({ delta: { content: 'a' } }, { usage: { prompt_tokens: 3, completion_tokens: 1 } }),
    );
    expect(heard.usage).toEqual([{ inputTokens: 3, outputTokens: 1, cachedTokens: 0 }]);
    expect(end).toThrow(expect.objectContaining({ code: 'provider_malformed_reply' }));
  });
});
