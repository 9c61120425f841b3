import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { APIUserAbortError, InternalServerError } from 'openai';
import { type OpenAiHouse, failing, openAiHouse } from '../e2e/openai-house.js';

const ASK = [{ role: 'user' as const, content: 'What is two plus two?' }];

/** A vendor that does what it likes, and tells when its client has hung up. */
async function vendor(answer: (response: ServerResponse) => void) {
  const arrived = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const server = createServer((request: IncomingMessage, response) => {
    if (request.method === 'GET') return void response.end('{"data":[]}');
    response.once('close', () => gone.resolve());
    request.resume().once('end', () => {
      arrived.resolve();
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    arrived: arrived.promise,
    gone: gone.promise,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const chunk = (content: string): string => {
  const choices = [{ index: 0, delta: { content }, finish_reason: null }];
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices })}\n\n`;
};
const never = (): void => undefined;

describe('the gateway under bad circumstances', () => {
  let at: OpenAiHouse;

  beforeAll(async () => {
    at = await openAiHouse({ settings: { REQUEST_TIMEOUT: 1, STREAM_IDLE_TIMEOUT: 3 } });
  });
  beforeEach(() => at.model.reset());
  afterEach(() => at.removeProviders());
  afterAll(() => at.stop());

  it.each<[string, (name: string) => PromiseLike<unknown>]>([
    ['chat', (model) => at.client.chat.completions.create({ model, messages: ASK })],
    ['responses', (model) => at.client.responses.create({ model, input: ASK })],
    ['embeddings', (model) => at.client.embeddings.create({ model, input: 'a' })],
  ])('gives %s up when its time is over, and tells the vendor', async (_what, call) => {
    using silent = await vendor(never);
    const error = await failing(call(await at.provider({ baseUrl: silent.baseUrl })));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error).toMatchObject({ status: 504, code: 'request_timeout', type: 'server_error' });
    await silent.gone;
  });

  it('waits longer for the first word of a stream than for a whole answer, but not for ever', async () => {
    const release = Promise.withResolvers<void>();
    at.model.script({ chunks: [release.promise, 'Four.'] }, { hang: true }, { hang: true });
    const name = await at.provider();
    const streaming = at.client.chat.completions.create({ model: name, messages: ASK, stream: true });
    await at.model.received(1);
    const whole = await failing(at.client.chat.completions.create({ model: name, messages: ASK }));
    expect(whole.code).toBe('request_timeout');
    release.resolve();
    let text = '';
    for await (const { choices } of await streaming) text += choices[0]?.delta.content ?? '';
    expect(text).toBe('Four.');
    const stalled = await failing(at.client.responses.create({ model: name, input: ASK, stream: true }));
    expect(stalled).toMatchObject({ status: 504, code: 'request_timeout' });
  });

  it('stops the vendor when the client stops reading', async () => {
    using endless = await vendor((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk('word '));
    });
    const name = await at.provider({ baseUrl: endless.baseUrl });
    const stream = await at.client.chat.completions.create({ model: name, messages: ASK, stream: true });
    for await (const { choices } of stream) if (choices[0]?.delta.content === 'word ') break;
    await endless.gone;
    const { body } = await at.house.get('/api/v1/providers/ranking');
    expect(body.data.find((row: { provider: string }) => row.provider === name.split('/')[0])).toMatchObject({
      state: 'closed',
      parts: { health: 1 },
    });
  });

  it.each<[string, (name: string, signal: AbortSignal) => PromiseLike<unknown>]>([
    ['chat', (model, signal) => at.client.chat.completions.create({ model, messages: ASK }, { signal })],
    ['a response', (model, signal) => at.client.responses.create({ model, input: ASK }, { signal })],
    [
      'a streamed response',
      (model, signal) => at.client.responses.create({ model, input: ASK, stream: true }, { signal }),
    ],
  ])('stops the vendor when the client gives up waiting for %s', async (_what, call) => {
    using silent = await vendor(never);
    const abort = new AbortController();
    const given = failing(call(await at.provider({ baseUrl: silent.baseUrl }), abort.signal));
    await silent.arrived;
    abort.abort();
    expect(await given).toBeInstanceOf(APIUserAbortError);
    await silent.gone;
  });

  it('lets the vendor wait for a client that reads slowly', async () => {
    const piece = chunk('x'.repeat(64 * 1024));
    const pieces = 1000;
    let sent = 0;
    using eager = await vendor((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const fill = (): void => {
        while (sent < pieces && !response.destroyed) {
          sent++;
          if (!response.write(piece)) return void response.once('drain', fill);
        }
        response.end(
          `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`,
        );
      };
      fill();
    });
    const name = await at.provider({ baseUrl: eager.baseUrl });
    const stream = await at.client.chat.completions.create({ model: name, messages: ASK, stream: true });
    for (let before = -1, still = 0; still < 10; still = before === sent ? still + 1 : 0) {
      before = sent;
      await at.house.get('/openai/v1/models');
    }
    expect(sent).toBeLessThan(pieces);
    let read = 0;
    for await (const { choices } of stream) read += choices[0]?.delta.content?.length ?? 0;
    expect([sent, read]).toEqual([pieces, pieces * 64 * 1024]);
  });
});
