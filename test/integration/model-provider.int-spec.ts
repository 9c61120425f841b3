import type { ModelCall, ModelMessage, Passage, ProviderConfig, ToolSpec } from '@guildhall/sdk';
import { OutboundGuard } from '../../libs/core/src/http/outbound-guard.js';
import { UndiciOutboundClient } from '../../libs/core/src/http/outbound-undici.client.js';
import { OpenAiCompatibleProvider } from '../../libs/models/src/providers/openai-compatible/openai-compatible.provider.js';
import { FakeModel } from '../../libs/testing/src/fake-model.js';

const KEY = 'sk-canary-0123456789abcdef';
const user = (text: string): ModelMessage => ({ role: 'user', text });
const search: ToolSpec = {
  name: 'knowledge.search',
  description: 'Searches the documents',
  inputSchema: { type: 'object', properties: { query: { type: 'string' } } },
  effect: 'read',
};
const passage = (chunkId: string, text: string, charStart = 0): Passage => ({
  chunkId,
  documentId: 'doc_1',
  documentTitle: 'Handbook',
  text,
  score: 1,
  ranks: {},
  charStart,
  charEnd: charStart + text.length,
  headingPath: ['Returns'],
  metadata: {},
});

describe('openai-compatible provider', () => {
  let model: FakeModel;
  let outbound: UndiciOutboundClient;

  beforeAll(async () => {
    model = await FakeModel.start();
    outbound = new UndiciOutboundClient(new OutboundGuard({ allow: [], ports: [80, 443] }));
  });
  beforeEach(() => model.reset());
  afterAll(async () => {
    await outbound.close();
    await model.stop();
  });

  const connect = (more: Partial<ProviderConfig> = {}) =>
    new OpenAiCompatibleProvider(outbound).connect({
      id: 'fake',
      kind: 'openai-compatible',
      baseUrl: model.baseUrl,
      apiKey: KEY,
      trust: 'operator',
      models: [{ name: 'm' }],
      ...more,
    });
  const call = (more: Partial<ModelCall> = {}): ModelCall => ({
    model: 'm',
    messages: [user('Hi')],
    signal: new AbortController().signal,
    ...more,
  });
  const stream = async (more: Partial<ModelCall> = {}, config: Partial<ProviderConfig> = {}) => {
    const deltas: string[] = [];
    const reply = await connect(config).generate(call(more), (delta) => deltas.push(delta));
    return { reply, deltas };
  };

  describe('a call', () => {
    it('sends the conversation with the key and returns text and usage', async () => {
      model.script({ text: 'Hello there', usage: { inputTokens: 100, outputTokens: 2, cachedTokens: 40 } });
      const reply = await connect().generate(
        call({
          messages: [{ role: 'system', text: 'Be kind.' }, user('Hi')],
          temperature: 0.2,
          maxOutputTokens: 50,
          seed: 7,
        }),
      );
      expect(reply).toEqual({
        text: 'Hello there',
        toolCalls: [],
        citations: [],
        finishReason: 'stop',
        usage: { inputTokens: 100, outputTokens: 2, cachedTokens: 40 },
      });
      expect(model.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
      expect(model.requests[0]?.body).toMatchObject({
        model: 'm',
        temperature: 0.2,
        max_tokens: 50,
        seed: 7,
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'Hi' },
        ],
      });
    });

    it('streams text as it comes and returns the same record as unstreamed', async () => {
      model.script({ text: 'one two three' }, { text: 'one two three' });
      const { reply, deltas } = await stream();
      expect(deltas).toEqual(['one', ' two', ' three']);
      expect(reply).toEqual(await connect().generate(call()));
    });

    it('offers tools under names vendors accept and translates calls back', async () => {
      const script = { toolCalls: [{ id: 'c1', name: 'knowledge_search', arguments: { query: 'returns' } }] };
      model.script(script, script);
      const expected = {
        toolCalls: [{ id: 'c1', tool: 'knowledge.search', input: { query: 'returns' } }],
        finishReason: 'tool-calls',
      };
      await expect(connect().generate(call({ tools: [search] }))).resolves.toMatchObject(expected);
      expect((await stream({ tools: [search] })).reply).toMatchObject(expected);
      expect(model.requests[0]?.body.tools?.[0]?.function.name).toBe('knowledge_search');
    });

    it('gives tool results back to the model, failures too', async () => {
      model.script({ text: 'ok' });
      const messages: ModelMessage[] = [
        user('q'),
        {
          role: 'assistant',
          text: '',
          toolCalls: [
            { id: 'a', tool: 'calc', input: { x: 1 } },
            { id: 'b', tool: 'calc', input: {} },
          ],
        },
        { role: 'tool', callId: 'a', tool: 'calc', output: { result: 4 } },
        { role: 'tool', callId: 'b', tool: 'calc', output: 'no x', failed: true },
      ];
      await connect().generate(call({ messages }));
      expect(model.requests[0]?.body.messages.slice(1)).toEqual([
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'calc', arguments: '{"x":1}' } },
            { id: 'b', type: 'function', function: { name: 'calc', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'a', content: '{"result":4}' },
        { role: 'tool', tool_call_id: 'b', content: 'no x' },
      ]);
    });

    it('numbers knowledge and search results, and turns [n] into verbatim citations', async () => {
      model.script({ text: 'You have 30 days [1]. Gifts need a slip [2]. And more [9].' });
      const messages: ModelMessage[] = [
        user('How long?'),
        { role: 'assistant', text: '', toolCalls: [{ id: 'a', tool: 'knowledge.search', input: { query: 'gifts' } }] },
        {
          role: 'tool',
          callId: 'a',
          tool: 'knowledge.search',
          output: { passages: [passage('chk_2', 'Gifts need a slip.', 90)] },
        },
      ];
      const knowledge = [passage('chk_1', 'Welcome. Returns take 30 days.', 10)];
      const reply = await connect().generate(call({ messages, knowledge }));
      const [system, , , result] = model.requests[0]!.body.messages;
      expect(system?.content).toContain('[1] Handbook > Returns\nWelcome. Returns take 30 days.');
      expect(result?.content).toBe('[2] Handbook > Returns\nGifts need a slip.');
      expect(reply.citations.map(({ index, quote, charStart }) => [index, quote, charStart])).toEqual([
        [1, 'Returns take 30 days.', 19],
        [2, 'Gifts need a slip.', 90],
      ]);
    });

    it('tells the model when the documents hold nothing', async () => {
      model.script({ text: 'I do not know.' });
      await connect().generate(call({ knowledge: [] }));
      expect(model.requests[0]?.body.messages[0]?.content).toContain('nothing on this question');
    });

    it('asks for a schema and sends images', async () => {
      model.script({ text: '{}' });
      const parts = [{ type: 'image', mediaType: 'image/png', data: 'aGk=' } as const];
      await connect().generate(
        call({ responseSchema: { type: 'object' }, messages: [{ role: 'user', text: 'see', parts }] }),
      );
      expect(model.requests[0]?.body['response_format']).toMatchObject({ type: 'json_schema' });
      expect(model.requests[0]?.body.messages[0]?.content).toContainEqual({
        type: 'image_url',
        image_url: { url: 'data:image/png;base64,aGk=' },
      });
    });

    it('lists the models of the endpoint', async () => {
      model.lists({ raw: '{"data":[{"id":"llama"},{"id":"qwen"}]}' });
      await expect(connect().listModels!(new AbortController().signal)).resolves.toEqual([
        { name: 'llama' },
        { name: 'qwen' },
      ]);
      expect(model.listings[0]?.path).toBe('/v1/models');
      expect(model.listings[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    });

    it.each([
      ['fails', { status: 500 }],
      ['is something else', { raw: '<html>' }],
      ['is no list', { raw: '{"data":{}}' }],
    ] as const)('says so when the list of models %s', async (_, script) => {
      model.lists(script);
      await expect(connect().listModels!(new AbortController().signal)).rejects.toMatchObject({
        provider: 'fake',
        category: 'upstream',
      });
    });

    it('makes no usage up where the vendor counts nothing', async () => {
      model.script({ raw: '{"choices":[{"message":{"content":"12345678"},"finish_reason":"stop"}]}' });
      const reply = await connect().generate(call({ messages: [user('x'.repeat(40))] }));
      expect(reply).not.toHaveProperty('usage');
    });

    it.each([
      ['length', 'length'],
      ['content_filter', 'content-filter'],
      ['eos', 'stop'],
    ] as const)('knows the finish reason %s', async (finishReason, expected) => {
      model.script({ text: 'x', finishReason }, { text: 'x', finishReason });
      expect((await connect().generate(call())).finishReason).toBe(expected);
      expect((await stream()).reply.finishReason).toBe(expected);
    });

    it('takes a call without arguments from a vendor that sends none', async () => {
      model.script({ toolCalls: [{ name: 'now', arguments: '' }] });
      await expect(connect().generate(call())).resolves.toMatchObject({ toolCalls: [{ tool: 'now', input: {} }] });
    });

    it.each([
      ['{"a":', '{"a":'],
      ['[1]', [1]],
    ])(
      'hands on the arguments %s as they are: whoever runs the tool tells the model what is wrong',
      async (text, input) => {
        model.script({ toolCalls: [{ name: 'x', arguments: text }] });
        await expect(connect().generate(call())).resolves.toMatchObject({ toolCalls: [{ tool: 'x', input }] });
      },
    );
  });

  describe('a failure', () => {
    const failures: readonly [string, Parameters<FakeModel['script']>[0], object][] = [
      ['401', { status: 401, message: `Bad key ${KEY}` }, { code: 'provider_unavailable', retryable: false }],
      ['403', { status: 403 }, { code: 'provider_unavailable', retryable: false }],
      ['404', { status: 404 }, { code: 'provider_refused', retryable: false }],
      ['400', { status: 400, message: `Bad ${KEY}` }, { code: 'provider_refused', retryable: false }],
      ['408', { status: 408 }, { code: 'provider_timeout', category: 'timeout' }],
      [
        '429',
        { status: 429 },
        { code: 'rate_limited', category: 'rate_limit', retryable: true, retryAfterMs: undefined },
      ],
      ['429 with Retry-After', { status: 429, retryAfter: 2 }, { code: 'rate_limited', retryAfterMs: 2000 }],
      ['500', { status: 500, message: `at /srv ${KEY}` }, { code: 'provider_unavailable', retryable: true }],
      ['503', { status: 503 }, { code: 'provider_unavailable', retryable: true }],
      ['a dropped connection', { drop: true }, { code: 'provider_unavailable', retryable: true }],
      ['malformed JSON', { raw: `{"oops ${KEY}` }, { code: 'provider_malformed_reply', retryable: true }],
      ['HTML', { raw: `<html>${KEY}`, contentType: 'text/html' }, { code: 'provider_malformed_reply' }],
      ['JSON of another kind', { raw: '{"hello":1}' }, { code: 'provider_malformed_reply' }],
      ['no choices', { raw: '{"choices":[]}' }, { code: 'provider_malformed_reply' }],
    ];

    it.each(failures)(
      '%s is named in our words, with nothing of the vendor’s, streamed or not',
      async (_, script, expected) => {
        model.script(script, script);
        for (const request of [() => connect().generate(call()), () => stream()]) {
          const error = await request().catch((reason: unknown) => reason);
          expect(error).toMatchObject({ ...expected, provider: 'fake' });
          expect(everythingIn(error)).not.toContain(KEY);
          expect(everythingIn(error)).not.toContain('127.0.0.1');
        }
      },
    );

    it.each([
      ['cut', { chunks: ['a', 'b'], end: 'cut' }, 'provider_unavailable'],
      ['closed without the finish marker', { chunks: ['a', 'b'], end: 'no-finish' }, 'provider_malformed_reply'],
      [
        'broken in the middle',
        { raw: 'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: {oops\n\n', contentType: 'text/event-stream' },
        'provider_malformed_reply',
      ],
      [
        'an error in the stream',
        { raw: `data: {"error":{"message":"overloaded ${KEY}"}}\n\n`, contentType: 'text/event-stream' },
        'provider_malformed_reply',
      ],
      [
        'one enormous event',
        { raw: `data: "${'x'.repeat(10_000_000)}"\n\n`, contentType: 'text/event-stream' },
        'provider_malformed_reply',
      ],
    ] as const)('a stream that is %s is no answer', async (_, script, code) => {
      model.script(script);
      const error = await stream().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code, provider: 'fake', retryable: true });
      expect(everythingIn(error)).not.toContain(KEY);
    });

    it('does not take a reply of unbounded size', async () => {
      model.script({ raw: JSON.stringify({ choices: [], filler: 'x'.repeat(40_000_000) }) });
      await expect(connect().generate(call())).rejects.toMatchObject({
        code: 'provider_malformed_reply',
        provider: 'fake',
      });
    });

    it('a refused connection is named without its address', async () => {
      const gone = await FakeModel.start();
      const baseUrl = gone.baseUrl;
      await gone.stop();
      const error = await connect({ baseUrl })
        .generate(call())
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'provider_unavailable', retryable: true });
      expect((error as Error).message).not.toContain('127.0.0.1');
    });

    it('a tenant’s base URL passes the address guard', async () => {
      await expect(connect({ trust: 'tenant' }).generate(call())).rejects.toMatchObject({ code: 'outbound_blocked' });
      expect(model.requests).toHaveLength(0);
    });

    it('content that the vendor cannot take is the caller’s fault', async () => {
      const zip = [{ type: 'file', mediaType: 'application/zip', data: 'aGk=' } as const];
      await expect(
        connect().generate(call({ messages: [{ role: 'user', text: 'see', parts: zip }] })),
      ).rejects.toMatchObject({ category: 'validation', code: 'unsupported_content' });
      const nowhere = [{ type: 'image', mediaType: 'image/png', url: 'nowhere' } as const];
      await expect(
        connect().generate(call({ messages: [{ role: 'user', text: 'see', parts: nowhere }] })),
      ).rejects.toMatchObject({ category: 'validation' });
    });
  });

  describe('a time limit', () => {
    it('ends a call that is not answered', async () => {
      model.script({ hang: true });
      await expect(connect({ timeouts: { totalMs: 30 } }).generate(call())).rejects.toMatchObject({
        code: 'provider_timeout',
        provider: 'fake',
        retryable: true,
      });
    });

    it('ends waiting for a connection', async () => {
      const unanswered = new UndiciOutboundClient(new OutboundGuard({ allow: [], ports: [80] }), () => undefined);
      const provider = new OpenAiCompatibleProvider(unanswered).connect({
        id: 'fake',
        kind: 'openai-compatible',
        baseUrl: 'http://far-away.example/v1',
        trust: 'operator',
        models: [],
        timeouts: { connectMs: 100 },
      });
      await expect(provider.generate(call())).rejects.toMatchObject({ code: 'provider_unavailable', retryable: true });
      await unanswered.close();
    });

    it('ends a stream that does not begin', async () => {
      model.script({ hang: true });
      await expect(stream({}, { timeouts: { firstTokenMs: 30 } })).rejects.toMatchObject({ code: 'provider_timeout' });
    });

    it('ends a stream that falls silent', async () => {
      model.script({ chunks: ['a', 'b'], end: 'stall' });
      const error = await stream({}, { timeouts: { betweenTokensMs: 30 } }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'provider_timeout', message: expect.stringContaining('in the middle') });
    });

    it('ends a stream that takes too long in all', async () => {
      model.script({ chunks: ['a'], end: 'stall' });
      await expect(stream({}, { timeouts: { totalMs: 30 } })).rejects.toMatchObject({ code: 'provider_timeout' });
    });

    it('does not end what moves', async () => {
      model.script({ text: 'quick' });
      const { reply } = await stream({}, { timeouts: { firstTokenMs: 5000, betweenTokensMs: 5000 } });
      expect(reply.text).toBe('quick');
    });

    it('gives way to the caller’s cancellation', async () => {
      model.script({ hang: true });
      const controller = new AbortController();
      const pending = connect().generate(call({ signal: controller.signal }));
      await model.received(1);
      controller.abort(new Error('the client left'));
      await expect(pending).rejects.toThrow('the client left');
    });
  });
});

/** All that a careless log could print of an error. */
function everythingIn(error: unknown): string {
  const seen: unknown[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    seen.push(cause.message, { ...cause });
  }
  return JSON.stringify(seen);
}
