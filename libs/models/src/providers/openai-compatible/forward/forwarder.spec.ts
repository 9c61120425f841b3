import fc from 'fast-check';
import type { AppError, CallObserver } from '@guildhall/sdk';
import { Forwarder } from './forwarder.js';
import type { Post, WireHeaders } from './post.js';

const event = (fields: object) =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', ...fields })}\n\n`;
const delta = (fields: object, finish_reason: string | null = null) =>
  event({ choices: [{ index: 0, delta: fields, finish_reason }] });
const ROLE = delta({ role: 'assistant', content: '' });
const WORDS = ['Grüße', ' an', ' "finish_reason":"stop"', ' 日本'].map((content) => delta({ content }));
const FINISH = delta({}, 'stop');
const USAGE = event({
  choices: [],
  usage: { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 2 } },
});
const DONE = 'data: [DONE]\n\n';
const KEY = 'key_of_the_operator';
const RESET = Object.assign(new Error('reset'), { code: 'ECONNRESET' });

interface Script {
  readonly status?: number;
  readonly headers?: WireHeaders;
  readonly pieces?: readonly (string | Buffer)[];
  readonly breaks?: Error;
}

function forwarder({ status = 200, headers, pieces = [], breaks }: Script) {
  const sent: Record<string, unknown>[] = [];
  const post: Post = async (body, receiver) => {
    sent.push(JSON.parse(body));
    receiver.onHead(status, { 'content-type': 'text/event-stream', ...headers });
    for (const piece of pieces) await receiver.onData(Buffer.from(piece as string));
    if (breaks) throw breaks;
  };
  return { sent, target: new Forwarder({ id: 'groq', apiKey: KEY }, post) };
}

async function stream(script: Script, body: object = {}, observer: CallObserver = {}) {
  const { target, sent } = forwarder(script);
  const passed: string[] = [];
  const { signal } = new AbortController();
  const call = { model: 'm', body: { messages: [], ...body }, signal, ...observer };
  const outcome = await target
    .forward(call, (bytes) => void passed.push(Buffer.from(bytes).toString('utf8')))
    .then(
      (reply) => ({ reply, error: undefined }),
      (error: AppError) => ({ error, reply: undefined }),
    );
  return { ...outcome, passed, text: passed.join(''), sent: sent[0]! };
}

const whole = (script: Script, body: Record<string, unknown> = {}, observer: CallObserver = {}) => {
  const { target, sent } = forwarder({ headers: { 'content-type': 'application/json' }, ...script });
  const { signal } = new AbortController();
  return { reply: target.forward({ model: 'm', body, signal, ...observer }), sent };
};
const completion = (fields: object = {}) =>
  JSON.stringify({
    id: 'c1',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 7, completion_tokens: 3 },
    ...fields,
  });

describe('Forwarder', () => {
  it('passes a request on with only its model changed, and the answer back as it was written', async () => {
    const text = `  ${completion()}\n`;
    const { reply, sent } = whole({ pieces: [text.slice(0, 40), text.slice(40)] }, { model: 'groq/m', custom: [1.5] });
    await expect(reply).resolves.toEqual({ text, usage: { inputTokens: 7, outputTokens: 3, cachedTokens: 0 } });
    expect(sent).toEqual([{ model: 'm', custom: [1.5] }]);
  });

  it.each([
    ['no JSON', '<html>'],
    ['JSON of another kind', '[]'],
    ['no choices', completion({ choices: [] })],
    ['no finish marker', completion({ choices: [{ message: { content: 'Hi' } }] })],
  ])('refuses an answer with %s', async (_what, text) => {
    await expect(whole({ pieces: [text] }).reply).rejects.toMatchObject({
      code: 'provider_malformed_reply',
      provider: 'groq',
    });
  });

  it('invents nothing where nobody counted, and does not believe nonsense', async () => {
    for (const usage of [undefined, { prompt_tokens: -1, completion_tokens: 0.5 }]) {
      expect(await whole({ pieces: [completion({ usage })] }).reply).not.toHaveProperty('usage');
    }
  });

  it.each(['whole', 'streamed'])('tells of what was counted when the call fails in the end (%s)', async (kind) => {
    const heard: object[] = [];
    const observer = { onBegin: () => void heard.push({}), onUsage: (usage: object) => void heard.push(usage) };
    if (kind === 'streamed') await stream({ pieces: [...WORDS, FINISH, USAGE], breaks: RESET }, {}, observer);
    else await whole({ pieces: [completion({ choices: [] })] }, {}, observer).reply.catch(() => undefined);
    expect(heard[0]).toEqual({});
    expect(heard.at(-1)).toMatchObject({ inputTokens: 7, outputTokens: 3 });
  });

  it('counts what the vendor put into its cache, where it says so', async () => {
    const usage = { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: { cache_write_tokens: 4 } };
    const { usage: counted } = await whole({ pieces: [completion({ usage })] }).reply;
    expect(counted).toEqual({ inputTokens: 7, outputTokens: 3, cachedTokens: 0, cacheWriteTokens: 4 });
  });

  it('passes a stream on as it came, and asks for usage by itself', async () => {
    const events = [ROLE, ...WORDS, FINISH, USAGE, DONE];
    const { text, reply, sent } = await stream({ pieces: events }, { stream_options: { include_usage: true } });
    expect(text).toBe(events.join(''));
    expect(reply).toEqual({ text: '', usage: { inputTokens: 7, outputTokens: 3, cachedTokens: 2 } });
    expect(sent).toMatchObject({ model: 'm', stream: true, stream_options: { include_usage: true } });
  });

  it('keeps the chunk that only counts from who did not ask for it', async () => {
    const { text, reply } = await stream({ pieces: [ROLE, ...WORDS, FINISH, USAGE, DONE] });
    expect(text).toBe([ROLE, ...WORDS, FINISH, DONE].join(''));
    expect(reply?.usage?.inputTokens).toBe(7);
  });

  it('keeps its blank line back too when that comes later', async () => {
    const { text } = await stream({ pieces: [ROLE, ...WORDS, FINISH, USAGE.slice(0, -1), `\n${DONE}`] });
    expect(text).toBe([ROLE, ...WORDS, FINISH, DONE].join(''));
  });

  it('passes on and counts the same however the network cuts the bytes', async () => {
    const bytes = Buffer.from([': ping\n\n', ROLE, ...WORDS, FINISH, USAGE, DONE].join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 20 }), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        const { text, reply } = await stream({ pieces });
        expect(text).toBe([': ping\n\n', ROLE, ...WORDS, FINISH, DONE].join(''));
        expect(reply?.usage).toEqual({ inputTokens: 7, outputTokens: 3, cachedTokens: 2 });
      }),
    );
  });

  it('holds everything back until the first token', async () => {
    const broken = await stream({ pieces: [': ping\n\n', ROLE], breaks: RESET });
    expect(broken.passed).toEqual([]);
    expect(broken.error).toMatchObject({ code: 'provider_unavailable', provider: 'groq' });
    const { passed } = await stream({ pieces: [': ping\n\n', ROLE, WORDS[0]!, FINISH, DONE] });
    expect(passed[0]).toBe(`: ping\n\n${ROLE}${WORDS[0]}`);
  });

  it.each([
    ['a tool call', { tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '' } }] }],
    ['thinking', { reasoning_content: 'hm' }],
    ['a refusal', { refusal: 'no' }],
  ])('takes %s for a first token', async (_what, fields) => {
    expect((await stream({ pieces: [delta(fields)], breaks: RESET })).passed).toHaveLength(1);
  });

  it('ends a stream as clients expect where the vendor does not', async () => {
    expect((await stream({ pieces: [WORDS[0]!, FINISH.trimEnd()] })).text).toBe(`${WORDS[0]}${FINISH}${DONE}`);
  });

  it.each([
    ['without its finish marker', [ROLE, WORDS[0]!]],
    ['with DONE but no finish marker', [ROLE, WORDS[0]!, DONE]],
    ['in an error', [ROLE, WORDS[0]!, 'data: {"error":{"message":"sk-secret"}}\n\n']],
    ['in an error beside a choice', [WORDS[0]!, event({ choices: [], error: { message: 'sk-secret' } })]],
    ['in an event that is an error', [WORDS[0]!, 'event: error\ndata: {"message":"sk-secret"}\n\n']],
    ['in half an event', [WORDS[0]!, 'data: {"oops sk-secret\n\n', FINISH, DONE]],
    ['in a line without end', [WORDS[0]!, Buffer.alloc(3_000_000, 0x20)]],
  ])('fails when a stream ends %s, and passes on whole lines only', async (_what, pieces) => {
    const { error, text } = await stream({ pieces });
    expect(error).toMatchObject({ code: 'provider_malformed_reply' });
    expect(text).not.toContain('secret');
    expect(text.endsWith('\n')).toBe(true);
  });

  it.each([
    ['speaks of errors', delta({ content: 'event: error\ndata: {"error":"x"}' })],
    ['leaves blanks behind its JSON', WORDS[0]!.replace('\n\n', ' \n\n')],
    ['ends its lines as Windows does', WORDS[0]!.replaceAll('\n', '\r\n')],
  ])('passes on a vendor that %s', async (_what, words) => {
    const { error, text } = await stream({ pieces: [words, FINISH, DONE] });
    expect(error).toBeUndefined();
    expect(text).toBe(words + FINISH + DONE);
  });

  it.each([
    ['whole', completion({ echo: KEY })],
    ['cut in two', delta({ content: KEY })],
  ])('passes no byte of an answer on that repeats the API key, %s', async (_what, text) => {
    const at = text.indexOf(KEY) + 5;
    const pieces = [text.slice(0, at), text.slice(at)];
    const { error, passed } = await stream({ pieces });
    expect(error).toMatchObject({ code: 'provider_malformed_reply' });
    expect(passed.join('')).not.toContain(KEY.slice(5));
    await expect(whole({ pieces }).reply).rejects.toMatchObject({ code: 'provider_malformed_reply' });
  });

  it('repeats no code of a vendor that is the API key', async () => {
    const { error } = await stream({ status: 400, pieces: [JSON.stringify({ error: { code: KEY } })] });
    expect(error).toMatchObject({ code: 'provider_refused' });
  });

  it('takes no complete answer of 10 MB, announced or not', async () => {
    for (const headers of [{}, { 'content-length': '10000000' }]) {
      const pieces = [completion({ padding: 'x'.repeat(10_000_000) })];
      await expect(whole({ headers, pieces }).reply).rejects.toMatchObject({ code: 'provider_malformed_reply' });
    }
  });

  it('takes no stream that does not come to an end', async () => {
    const piece = WORDS[0]!.repeat(10_000);
    const { error } = await stream({ pieces: Array.from({ length: 100 }, () => piece) });
    expect(error).toMatchObject({ code: 'provider_malformed_reply', message: expect.stringContaining('too large') });
  });

  describe('time', () => {
    const timeouts = { firstTokenMs: 1000, betweenTokensMs: 30 };
    /** A vendor that says these pieces, one a turn of the clock, until it is hung up on. */
    const slowly = (piece: string): Post => {
      return async (_body, receiver, { deadlines }) => {
        receiver.onHead(200, { 'content-type': 'text/event-stream' });
        await receiver.onData(Buffer.from(WORDS[0]!));
        while (!deadlines.expired) {
          await receiver.onData(Buffer.from(piece));
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        throw deadlines.expired;
      };
    };
    const call = () => ({ model: 'm', body: { messages: [] }, signal: new AbortController().signal });

    it.each([
      ['comments', ': ping\n\n'],
      ['junk', 'data: {"junk":true}\n\n'],
    ])('is up for a vendor that sends only %s after its first words', async (_what, piece) => {
      const forward = new Forwarder({ id: 'groq', timeouts }, slowly(piece)).forward(call(), () => undefined);
      await expect(forward).rejects.toMatchObject({ code: 'provider_timeout' });
    });

    it('does not run while the reader holds the stream back', async () => {
      const { promise: read, resolve } = Promise.withResolvers<void>();
      const post: Post = async (_body, receiver, { deadlines }) => {
        receiver.onHead(200, { 'content-type': 'text/event-stream' });
        await receiver.onData(Buffer.from(WORDS[0]!));
        if (deadlines.expired) throw deadlines.expired;
        await receiver.onData(Buffer.from(FINISH + DONE));
      };
      setTimeout(resolve, 90);
      const forward = new Forwarder({ id: 'groq', timeouts }, post).forward(call(), () => read);
      await expect(forward).resolves.toMatchObject({ text: '' });
    });
  });

  it('does not take a vendor’s empty error field for a failure', async () => {
    const chunk = event({ choices: [{ delta: { content: 'a' }, finish_reason: null }], error: null });
    expect((await stream({ pieces: [chunk, FINISH, DONE] })).error).toBeUndefined();
  });

  it('refuses an answer that is no stream', async () => {
    const { error } = await stream({ headers: { 'content-type': 'application/json' }, pieces: [completion()] });
    expect(error).toMatchObject({ code: 'provider_malformed_reply' });
  });

  it.each([
    ['spaces its JSON', [ROLE, ...WORDS, FINISH, USAGE, DONE].join('').replaceAll('":', '": ')],
    [
      'counts in every chunk',
      [...WORDS, USAGE.replace('"choices":[]', '"choices":[{"finish_reason":"stop"}]'), DONE].join(''),
    ],
    ['adds chunks after the end', [...WORDS, FINISH, delta({}), delta({}), USAGE, DONE].join('')],
  ])('understands a vendor that %s', async (_what, text) => {
    const { reply, error } = await stream({ pieces: [text] });
    expect(error).toBeUndefined();
    expect(reply?.usage).toEqual({ inputTokens: 7, outputTokens: 3, cachedTokens: 2 });
  });

  it('counts nothing where the stream does not', async () => {
    const { reply } = await stream({ pieces: [ROLE, ...WORDS, FINISH, DONE] });
    expect(reply).toEqual({ text: '' });
  });

  it.each([
    [400, 'validation', 'context_length_exceeded', false],
    [422, 'validation', 'context_length_exceeded', false],
    [404, 'not_found', 'provider_refused', false],
    [401, 'upstream', 'provider_unavailable', false],
    [429, 'rate_limit', 'rate_limited', true],
    [503, 'upstream', 'provider_unavailable', true],
  ])(
    'tells what a %i means, streamed or not, without the vendor’s sentence',
    async (status, category, code, retryable) => {
      const body = JSON.stringify({
        error: { message: 'sk-secret', code: 'context_length_exceeded', param: 'messages[0].content' },
      });
      const script = { status, headers: { 'retry-after': '2' }, pieces: [body] };
      const { error } = await stream(script);
      const other = await whole(script).reply.catch((thrown: AppError) => thrown);
      for (const one of [error, other]) {
        expect(one).toMatchObject({ category, code, retryable, provider: 'groq' });
        expect((one as AppError).message).not.toContain('secret');
      }
      if (category === 'validation') expect(error?.details?.[0]?.path).toBe('messages[0].content');
      if (status === 429) expect(error?.retryAfterMs).toBe(2000);
    },
  );

  it('repeats no word of a vendor that may be more than a word', async () => {
    const error = { code: 'Key-sk-1234', param: 'https://internal' };
    const refused = await stream({ status: 400, pieces: [JSON.stringify({ error })] });
    expect(refused.error).toMatchObject({ code: 'provider_refused', details: [{ path: '' }] });
  });

  it('gives the caller’s reason when the caller gave up', async () => {
    const controller = new AbortController();
    const reason = new Error('gone');
    const post: Post = async () => {
      controller.abort(reason);
      throw new Error('socket hang up');
    };
    const call = { model: 'm', body: {}, signal: controller.signal };
    await expect(new Forwarder({ id: 'groq' }, post).forward(call)).rejects.toBe(reason);
  });
});
