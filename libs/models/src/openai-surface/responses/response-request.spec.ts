import { AppError } from '@guildhall/sdk';
import { responseRequest } from './response-request.js';

const ASKED = { model: 'a/b', input: 'Hi' };
const request = (more: object = {}) => responseRequest({ ...ASKED, ...more });
const faultOf = (body: unknown): AppError => {
  try {
    responseRequest(body);
  } catch (error) {
    if (AppError.is(error)) return error;
  }
  throw new Error('Nothing was refused');
};
const FUNCTION = { type: 'function', name: 'f', parameters: { type: 'object' } };

describe('a request for a response', () => {
  it('is stored and not streamed unless it says otherwise', () => {
    expect(request()).toMatchObject({ stream: false, store: true, parallelToolCalls: true, tools: [] });
    expect(request({ stream: true, store: false })).toMatchObject({ stream: true, store: false });
  });

  it('takes null for what it leaves out, as OpenAI does', () => {
    const fields =
      'background conversation include instructions max_output_tokens metadata previous_response_id prompt store ' +
      'stream temperature text tool_choice tools top_logprobs truncation user';
    const nothing = Object.fromEntries(fields.split(' ').map((field) => [field, null]));
    const { body: _body, items: _items, ...plain } = request();
    expect(request(nothing)).toMatchObject(plain);
  });

  it('keeps tools, and offers none where none may be called', () => {
    const tool = { name: 'f', description: '', inputSchema: { type: 'object' }, effect: 'unsafe' };
    expect(request({ tools: [FUNCTION] }).tools).toEqual([tool]);
    expect(request({ tools: [FUNCTION], tool_choice: 'none' }).tools).toEqual([]);
    expect(request({ tools: [{ type: 'function', name: 'f' }] }).tools[0]!.inputSchema).toMatchObject({
      type: 'object',
    });
  });

  it('keeps the schema of the text', () => {
    const schema = { type: 'object', required: ['a'] };
    expect(request({ text: { format: { type: 'json_schema', name: 'x', schema } } }).schema).toEqual(schema);
    expect(request({ text: { format: { type: 'json_object' } } }).schema).toEqual({ type: 'object' });
    expect(request({ text: { format: { type: 'text' }, verbosity: 'low' } }).schema).toBeUndefined();
  });

  it('takes what asks for nothing that does not happen anyway', () => {
    const include = ['reasoning.encrypted_content', 'file_search_call.results'];
    const more = { background: false, truncation: 'disabled', top_logprobs: 0, context_management: [], include };
    expect(request({ ...more, reasoning: { effort: 'high' }, service_tier: 'flex', top_p: 0.1 }).model).toBe('a/b');
  });

  it.each<[string, object]>([
    ['background', { background: true }],
    ['conversation', { conversation: { id: 'c' } }],
    ['prompt', { prompt: { id: 'p' } }],
    ['truncation', { truncation: 'auto' }],
    ['context_management', { context_management: [{ type: 'compaction' }] }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['include', { include: ['message.output_text.logprobs'] }],
    ['include', { include: 'all' }],
    ['tool_choice', { tool_choice: { type: 'function', name: 'f' } }],
    ['tools[0].type', { tools: [{ type: 'code_interpreter' }] }],
  ])('is refused where %s cannot be followed', (path, more) => {
    expect(faultOf({ ...ASKED, ...more }).details).toMatchObject([{ path, code: 'unsupported_parameter' }]);
  });

  it.each<[string, object]>([
    ['tools', { tools: 'all' }],
    ['tools[0].name', { tools: [{ type: 'function' }] }],
    ['text', { text: 'json' }],
    ['text.format', { text: { format: { type: 'json_schema' } } }],
    ['text.format', { text: { format: 'json' } }],
    ['metadata', { metadata: 'x' }],
    ['metadata', { metadata: { a: 1 } }],
    ['metadata', { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`k${n}`, 'v'])) }],
    ['metadata', { metadata: { ['k'.repeat(65)]: 'v' } }],
    ['max_output_tokens', { max_output_tokens: 0 }],
    ['temperature', { temperature: 3 }],
    ['stream', { stream: 'yes' }],
    ['previous_response_id', { previous_response_id: 7 }],
    ['input', { input: [] }],
  ])('is refused where %s is wrong', (path, more) => {
    expect(faultOf({ ...ASKED, ...more }).details).toMatchObject([{ path, code: 'invalid_value' }]);
  });

  it('is refused for all its fields at once, unknown ones too', () => {
    const { details } = faultOf({ ...ASKED, model: 7, background: true, novelty: 1, temperature: 'hot' });
    expect(details!.map(({ path }) => path)).toEqual(['model', 'background', 'novelty', 'temperature']);
    for (const body of [undefined, null, [], 'text']) expect(faultOf(body).category).toBe('validation');
  });

  it('is refused where it is too large to be stored, and only if it shall be', () => {
    const input = 'x'.repeat(9 * 1024 * 1024);
    expect(faultOf({ ...ASKED, input }).details).toMatchObject([{ path: 'input' }]);
    expect(request({ input, store: false }).items).toHaveLength(1);
  });
});
