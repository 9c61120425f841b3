import fc from 'fast-check';
import {
  DONE,
  FINISH,
  RESET,
  ROLE,
  USAGE,
  WORDS,
  completion,
  delta,
  event,
  stream,
  whole,
} from './spec-fixture/scripted-vendor.js';

describe('Forwarder', () => {
  it('passes a request on with only its model changed, and the answer back as it was written', async () => {
    const text = `  ${completion()}\n`;
    const { reply, sent } = whole({ pieces: [text.slice(0, 40), text.slice(40)] }, { model: 'groq/m', custom: [1.5] });
    await expect(reply).resolves.toEqual({ text, usage: { inputTokens: 7, outputTokens: 3, cachedTokens: 0 } });
    expect(sent).toEqual([{ model: 'm', custom: [1.5] }]);
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
    ['speaks of errors', delta({ content: 'event: error\ndata: {"error":"x"}' })],
    ['leaves blanks behind its JSON', WORDS[0]!.replace('\n\n', ' \n\n')],
    ['ends its lines as Windows does', WORDS[0]!.replaceAll('\n', '\r\n')],
  ])('passes on a vendor that %s', async (_what, words) => {
    const { error, text } = await stream({ pieces: [words, FINISH, DONE] });
    expect(error).toBeUndefined();
    expect(text).toBe(words + FINISH + DONE);
  });

  it('does not take a vendor’s empty error field for a failure', async () => {
    const chunk = event({ choices: [{ delta: { content: 'a' }, finish_reason: null }], error: null });
    expect((await stream({ pieces: [chunk, FINISH, DONE] })).error).toBeUndefined();
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

  it.each([
    ['adds an error', 'data: {"error":{"message":"late"}}\n\n', undefined],
    ['adds half an event', 'data: {"oo', undefined],
    ['adds words', WORDS[0]!, undefined],
    ['breaks the connection', '', RESET],
  ])('has one verdict on a vendor that %s after the end', async (_what, more, breaks) => {
    for (const pieces of [[...WORDS, FINISH, DONE, more], [[...WORDS, FINISH, DONE, more].join('')]]) {
      const { error, text } = await stream({ pieces, ...(breaks && { breaks }) });
      expect(error).toBeUndefined();
      expect(text).toBe([...WORDS, FINISH, DONE].join(''));
    }
  });

  it('keeps counts back that come without any choices', async () => {
    const { text, reply } = await stream({ pieces: [...WORDS, FINISH, USAGE.replace('"choices":[],', ''), DONE] });
    expect(text).toBe([...WORDS, FINISH, DONE].join(''));
    expect(reply?.usage).toEqual({ inputTokens: 7, outputTokens: 3, cachedTokens: 2 });
  });

  it('counts nothing where the stream does not', async () => {
    const { reply } = await stream({ pieces: [ROLE, ...WORDS, FINISH, DONE] });
    expect(reply).toEqual({ text: '' });
  });
});
