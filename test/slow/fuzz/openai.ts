import fc, { type Arbitrary } from 'fast-check';
import { REFUSED_JSON } from '../../fixtures/hostile-json.js';
import { mutate, mutation } from './mutations.js';
import type { FuzzRequest } from './requests.js';
import { anyText } from './values.js';
import type { FuzzAnswer } from './verdict.js';

/** `/openai/v1` speaks another's protocol, which the OpenAPI document leaves to its author: its requests are written here. */

const some = <T>(...values: readonly T[]): Arbitrary<T> => fc.constantFrom(...values);
const optional = (fields: Readonly<Record<string, Arbitrary<unknown>>>, requiredKeys: string[]): Arbitrary<object> =>
  fc.record(fields, { requiredKeys });

const model = some('local/scripted', 'agent/plain', 'agent/asking', 'default', 'builtin/extractive', 'own/m', 'none/x');
const PARAMETERS = { type: 'object', properties: { expression: { type: 'string' } }, required: ['expression'] };
const FORMAT = { name: 'sum', schema: { type: 'object', properties: { sum: { type: 'number' } } }, strict: true };
const IMAGE = 'data:image/png;base64,iVBORw0KGgo=';
const amounts = { temperature: some(0, 1, 2), top_p: some(0, 1), user: anyText, stream: some(false, false, true) };

const message: Arbitrary<unknown> = fc.oneof(
  fc.record({ role: some('system', 'developer', 'user', 'assistant'), content: anyText }),
  fc.record({ role: fc.constant('user'), content: fc.tuple(fc.record({ type: fc.constant('text'), text: anyText })) }),
  some(
    { role: 'user', content: [{ type: 'image_url', image_url: { url: IMAGE } }] },
    { role: 'assistant', content: null, tool_calls: [toolCall('call_1', '{"expression":"2 + 2"}')] },
    { role: 'assistant', tool_calls: [toolCall('call_1', '{')] },
    { role: 'tool', tool_call_id: 'call_1', content: '4' },
  ),
);

const CHAT = optional(
  {
    model,
    messages: fc.array(message, { minLength: 1, maxLength: 5 }),
    ...amounts,
    stream_options: some({ include_usage: true }),
    n: some(1, 1, 2),
    max_tokens: some(1, 100),
    max_completion_tokens: some(100),
    stop: some<unknown>('x', ['x', 'y']),
    seed: fc.integer(),
    tools: some([{ type: 'function', function: { name: 'calculator', description: 'Adds', parameters: PARAMETERS } }]),
    tool_choice: some<unknown>('auto', 'none', 'required', { type: 'function', function: { name: 'calculator' } }),
    response_format: some({ type: 'text' }, { type: 'json_object' }, { type: 'json_schema', json_schema: FORMAT }),
    metadata: fc.dictionary(anyText, anyText, { maxKeys: 3 }),
  },
  ['model', 'messages'],
);

const item: Arbitrary<unknown> = fc.oneof(
  fc.record({ role: some('system', 'developer', 'user', 'assistant'), content: anyText }),
  fc.record({
    type: fc.constant('message'),
    role: fc.constant('user'),
    content: fc.tuple(fc.record({ type: some('input_text', 'input_image', 'output_text'), text: anyText })),
  }),
  some(
    { type: 'function_call', call_id: 'call_1', name: 'calculator', arguments: '{"expression":"2 + 2"}' },
    { type: 'function_call_output', call_id: 'call_1', output: '4' },
    { type: 'item_reference', id: 'msg_1' },
  ),
);

const RESPONSES = optional(
  {
    model,
    input: fc.oneof(anyText, fc.array(item, { minLength: 1, maxLength: 4 })),
    ...amounts,
    instructions: anyText,
    previous_response_id: some('resp_none', '@responses/0', '@responses/1'),
    max_output_tokens: some(16, 1000),
    store: fc.boolean(),
    metadata: fc.dictionary(anyText, anyText, { maxKeys: 3 }),
    tools: some([{ type: 'function', name: 'calculator', parameters: PARAMETERS }], [{ type: 'web_search' }]),
    text: some({ format: { type: 'text' } }, { format: { type: 'json_schema', ...FORMAT } }),
    reasoning: some({ effort: 'low' }, null),
    include: some([], ['message.output_text.logprobs']),
  },
  ['model', 'input'],
);

const EMBEDDINGS = optional(
  {
    model: some('local/scripted', 'builtin/hash', 'default', 'agent/plain'),
    input: fc.oneof(
      anyText,
      fc.array(anyText, { maxLength: 3 }),
      fc.array(fc.nat(1000)),
      fc.array(fc.array(fc.nat(9))),
    ),
    encoding_format: some('float', 'base64'),
    dimensions: some(1, 256, 1e6),
    user: anyText,
  },
  ['model', 'input'],
);

const POSTS = { '/chat/completions': CHAT, '/responses': RESPONSES, '/embeddings': EMBEDDINGS };
const segment = fc.oneof(
  some('default', 'local/scripted', 'local%2Fscripted', 'agent/plain', '%00', '%ff', '..', '@responses/0'),
  anyText.map((text) => encodeURIComponent(text.toWellFormed())).filter((text) => text !== ''),
);

/** Most of them near what the protocol takes, each strange in two places at most. */
export const openAiRequests: Arbitrary<FuzzRequest> = fc.oneof<{ weight: number; arbitrary: Arbitrary<FuzzRequest> }[]>(
  ...Object.entries(POSTS).map(([path, bodies]) => ({
    weight: 6,
    arbitrary: fc
      .tuple(bodies, fc.array(mutation, { maxLength: 2 }), some('application/json', '*/*', 'text/event-stream'))
      .map(([body, mutations, accept]): FuzzRequest =>
        post(path, JSON.stringify(mutations.reduce<unknown>(mutate, body)) ?? '', accept),
      ),
  })),
  {
    weight: 1,
    arbitrary: fc
      .tuple(some(...Object.keys(POSTS)), some(...Object.values(REFUSED_JSON)))
      .map(([path, body]) => post(path, body)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        some('GET', 'GET', 'DELETE'),
        some('/models', '/models/', '/responses/', '/chat/completions/', '/nothing/'),
        segment,
      )
      .map(([method, path, rest]) => ({
        method,
        path: `/openai/v1${path}${path.endsWith('/') ? rest : ''}`,
        headers: {},
      })),
  },
);

/** What is wrong with an answer; a failure has the form of OpenAI's, and is not the server's own. */
export function openAiFault({ status, type, text }: FuzzAnswer): string | undefined {
  if (status >= 500 && ![501, 502, 503, 504].includes(status)) return `${status}`;
  // Of a head that is too long for anybody to read, nobody knows whose protocol it speaks.
  if (type === 'text/event-stream' || status === 204 || status === 431) return undefined;
  if (type !== 'application/json') return `${status} as '${type}'`;
  const body = JSON.parse(text) as { readonly error?: { readonly message?: unknown; readonly type?: unknown } };
  if (status < 400) return body.error ? `${status} with an error` : undefined;
  const { message, type: kind } = body.error ?? {};
  return typeof message === 'string' && typeof kind === 'string' ? undefined : `${status} is no failure of OpenAI's`;
}

function post(path: string, body: string | Buffer, accept = 'application/json'): FuzzRequest {
  const headers = { accept, 'content-type': 'application/json' };
  return { method: 'POST', path: `/openai/v1${path}`, headers, body };
}

function toolCall(id: string, args: string) {
  return { id, type: 'function', function: { name: 'calculator', arguments: args } };
}
