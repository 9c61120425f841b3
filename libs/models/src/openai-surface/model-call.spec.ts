import { AppError } from '@guildhall/sdk';
import { chatRequest } from './chat-request.js';
import { modelCall } from './model-call.js';
import { namedModel } from './model-name.js';

const { signal } = new AbortController();
const USER = { role: 'user', content: 'Hi' };
const call = (fields: object = {}) => modelCall({ messages: [USER], ...fields }, 'm', signal);
const faultOf = (work: () => unknown): AppError => {
  try {
    work();
  } catch (error) {
    if (AppError.is(error)) return error;
  }
  throw new Error('Nothing was refused');
};

describe('a chat completion in our terms', () => {
  it('keeps the conversation: tool calls, their results, and images', () => {
    const { messages } = call({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
            { type: 'image_url', image_url: { url: 'https://example.org/a.png' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'a cat' },
      ],
    });
    expect(messages).toEqual([
      { role: 'system', text: 'Be brief.' },
      {
        role: 'user',
        text: 'What is this?',
        parts: [
          { type: 'image', mediaType: 'image/png', data: 'AAAA' },
          { type: 'image', mediaType: 'image/*', url: 'https://example.org/a.png' },
        ],
      },
      { role: 'assistant', text: '', toolCalls: [{ id: 'c1', tool: 'look', input: { at: 1 } }] },
      { role: 'tool', callId: 'c1', tool: 'look', output: 'a cat' },
    ]);
  });

  it('keeps tools, the schema of the answer and what tunes the call', () => {
    const parameters = { type: 'object', properties: { q: { type: 'string' } } };
    const schema = { type: 'object' };
    const made = call({
      tools: [{ type: 'function', function: { name: 'find', description: 'Finds', parameters } }],
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
      temperature: 0.5,
      max_tokens: 9,
      max_completion_tokens: 10,
      seed: 1,
      top_p: 0.1,
    });
    expect(made).toEqual({
      model: 'm',
      signal,
      messages: [{ role: 'user', text: 'Hi' }],
      tools: [{ name: 'find', description: 'Finds', inputSchema: parameters, effect: 'unsafe' }],
      responseSchema: schema,
      temperature: 0.5,
      maxOutputTokens: 10,
      seed: 1,
    });
    expect(call({ tools: made.tools, tool_choice: 'none', response_format: { type: 'text' } })).toEqual(call());
    expect(call({ response_format: { type: 'json_object' } }).responseSchema).toEqual({ type: 'object' });
  });

  it.each([
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['functions', { functions: [] }],
    ['tool_choice', { tool_choice: 'required' }],
  ])('refuses %s, which would change the form of the answer', (path, fields) => {
    expect(faultOf(() => call(fields))).toMatchObject({ code: 'unsupported_parameter', details: [{ path }] });
  });

  it.each([
    ['tools', { tools: 'all' }],
    ['tools[0]', { tools: [{ type: 'web_search' }] }],
    ['response_format', { response_format: { type: 'json_schema' } }],
    ['temperature', { temperature: 'hot' }],
    ['messages[0].role', { messages: [{ role: 'robot', content: '' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 5 }] }],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] }],
    ['messages[0].content[0].image_url.url', { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }],
    ['messages[0].tool_call_id', { messages: [{ role: 'tool', content: '' }] }],
    ['messages[0].tool_calls[0]', { messages: [{ role: 'assistant', tool_calls: [{}] }] }],
    [
      'messages[0].tool_calls[0].function.arguments',
      { messages: [{ role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{' } }] }] },
    ],
  ])('names %s when it is wrong', (path, fields) => {
    expect(faultOf(() => call(fields))).toMatchObject({ category: 'validation', details: [{ path }] });
  });
});

describe('chatRequest', () => {
  it('reads what routing needs and leaves the rest to the vendor', () => {
    const body = { model: 'a/b', messages: [USER], stream: null, custom: 1 };
    expect(chatRequest(body)).toEqual({ model: 'a/b', stream: false, includeUsage: false, body });
  });

  it('tells all faults at once', () => {
    const body = { model: 7, messages: [USER, 'x'], stream: 'yes', stream_options: 1 };
    const { details } = faultOf(() => chatRequest(body));
    expect(details!.map(({ path }) => path)).toEqual(['model', 'messages[1]', 'stream', 'stream_options']);
    for (const wrong of [undefined, null, [], 'text']) {
      expect(faultOf(() => chatRequest(wrong)).category).toBe('validation');
    }
  });
});

describe('namedModel', () => {
  it.each([
    ['default', { kind: 'gateway', reference: { route: 'default' } }],
    ['groq/llama', { kind: 'gateway', reference: { provider: 'groq', name: 'llama' } }],
    ['hf/meta/llama', { kind: 'gateway', reference: { provider: 'hf', name: 'meta/llama' } }],
    ['agent/support', { kind: 'agent', agentName: 'support' }],
  ])('reads %s', (name, named) => expect(namedModel(name)).toEqual(named));

  it.each(['gpt-4o', '/x', 'x/', ''])('knows no %j', (name) => {
    expect(faultOf(() => namedModel(name))).toMatchObject({ code: 'model_not_found' });
  });

  it('takes null for absence', () => {
    const names = ['tools', 'functions', 'function_call', 'tool_choice', 'response_format', 'n', 'logprobs'];
    const more = ['modalities', 'max_tokens', 'max_completion_tokens', 'temperature', 'seed', 'audio'];
    const nulls = Object.fromEntries([...names, ...more].map((name) => [name, null]));
    expect(call(nulls)).toEqual(call());
  });
});
