import type { AppError } from '@guildhall/sdk';
import { Forwarder } from './forwarder.js';
import type { Post } from './post.js';
import {
  DONE,
  FINISH,
  KEY,
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
  it.each([
    ['no JSON', '<html>'],
    ['JSON of another kind', '[]'],
    ['no choices', completion({ choices: [] })],
    ['an empty finish marker', completion({ choices: [{ message: { content: 'Hi' }, finish_reason: '' }] })],
    ['no finish marker', completion({ choices: [{ message: { content: 'Hi' } }] })],
  ])('refuses an answer with %s', async (_what, text) => {
    await expect(whole({ pieces: [text] }).reply).rejects.toMatchObject({
      code: 'provider_malformed_reply',
      provider: 'groq',
    });
  });

  it.each([
    ['without its finish marker', [ROLE, WORDS[0]!]],
    ['with DONE but no finish marker', [ROLE, WORDS[0]!, DONE]],
    ['with DONE and more, but no finish marker', [ROLE, WORDS[0]!, DONE + USAGE]],
    ['with empty finish markers only', [ROLE, delta({ content: 'half' }, ''), delta({}, '')]],
    ['with empty finish markers and DONE', [delta({ content: 'half' }, '').replaceAll('":', '": '), DONE]],
    ['in an error', [ROLE, WORDS[0]!, 'data: {"error":{"message":"sk-secret"}}\n\n']],
    ['in an error beside a choice', [WORDS[0]!, event({ choices: [], error: { message: 'sk-secret' } })]],
    ['in an event that is an error', [WORDS[0]!, 'event: error\ndata: {"message":"sk-secret"}\n\n']],
    ['in half an event', [WORDS[0]!, 'data: {"oops sk-secret\n\n', FINISH, DONE]],
    ['in a line without end', [WORDS[0]!, Buffer.alloc(3_000_000, 0x20)]],
  ])('fails when a stream ends %s, and passes on whole lines only', async (_what, pieces) => {
    const { error, text } = await stream({ pieces });
    expect(error).toMatchObject({ code: 'provider_malformed_reply' });
    expect(text).not.toContain('secret');
    expect(text).not.toContain('[DONE]');
    expect(text.endsWith('\n')).toBe(true);
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

  it('refuses an answer that is no stream', async () => {
    const { error } = await stream({ headers: { 'content-type': 'application/json' }, pieces: [completion()] });
    expect(error).toMatchObject({ code: 'provider_malformed_reply' });
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
