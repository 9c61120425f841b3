import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { TRACEPARENT, withLogFields } from '@guildhall/core';
import { Deadlines } from '../../ai-sdk/deadlines.js';
import { type Limits, type Post, type Receiver, postByDispatcher, postByFetch } from './post.js';

const HEADERS = { 'content-type': 'application/json', authorization: 'Bearer k' };

function limits(some: Partial<Limits> = {}): Limits {
  const deadlines = new Deadlines('groq', { totalMs: 60_000 }, false);
  deadlines.clear();
  return { signal: new AbortController().signal, deadlines, ...some };
}

describe.each([['by dispatcher'], ['by fetch']])('a post %s', (way) => {
  let server: Server;
  let agent: Agent;
  let post: Post;
  /** One for each stalled answer that its reader left. */
  const left: Promise<void>[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => (body += String(piece)));
      request.on('end', () => {
        if (body === 'cut') return response.write('a', () => response.destroy());
        if (body === 'stall') {
          left.push(new Promise((resolve) => response.once('close', resolve)));
          return response.write('a');
        }
        response.writeHead(201, { 'x-seen': request.headers.authorization });
        response.write('one,');
        setImmediate(() => response.end(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    agent = new Agent();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/chat?x=1`;
    // oxlint-disable-next-line no-restricted-globals -- stands for the outbound client's, which has its signature
    post = way === 'by fetch' ? postByFetch(fetch, url, HEADERS) : postByDispatcher(agent, url, HEADERS);
  });
  afterAll(async () => {
    await agent.destroy();
    server.closeAllConnections();
    server.close();
  });

  function receiver(onData: (text: string) => void | Promise<void> = () => undefined) {
    const seen = { status: 0, header: '' as unknown, text: '' };
    const taker: Receiver = {
      onHead: (status, headers) => Object.assign(seen, { status, header: headers['x-seen'] }),
      onData: (bytes) => {
        seen.text += bytes.toString();
        return onData(seen.text);
      },
    };
    return { seen, taker };
  }

  it('hands on status, headers and bytes, and waits for a slow taker', async () => {
    const { seen, taker } = receiver(() => new Promise((resolve) => setImmediate(resolve)));
    await post('two', taker, limits());
    expect(seen).toEqual({ status: 201, header: 'Bearer k', text: 'one,two' });
  });

  it('rejects when the answer is cut, or its taker refuses it', async () => {
    await expect(post('cut', receiver().taker, limits())).rejects.toThrow();
    const refusing = receiver(() => {
      throw new Error('enough');
    });
    await expect(post('two', refusing.taker, limits())).rejects.toThrow('enough');
    const later = receiver(() => Promise.reject(new Error('too slow')));
    await expect(post('two', later.taker, limits())).rejects.toThrow('too slow');
  });

  it('stops when its caller does, and the server notices', async () => {
    const caller = new AbortController();
    const reason = new Error('gone');
    const { taker } = receiver(() => caller.abort(reason));
    await expect(post('stall', taker, limits({ signal: caller.signal }))).rejects.toBe(reason);
    await left.shift();
    await expect(post('two', receiver().taker, limits({ signal: caller.signal }))).rejects.toBe(reason);
  });

  it('stops at its time limit, and the server notices', async () => {
    const deadlines = new Deadlines('groq', { totalMs: 20 }, false);
    const stalled = post('stall', receiver().taker, limits({ deadlines }));
    await expect(stalled).rejects.toMatchObject({ code: 'provider_timeout' });
    await left.shift();
  });
});

it('posts by the dispatcher in the trace of whoever asks', async () => {
  const seen: unknown[] = [];
  const dispatcher = {
    dispatch: ({ headers }: { headers: Record<string, string> }) => {
      seen.push(headers);
      throw new Error('seen');
    },
  } as unknown as Agent;
  const post = postByDispatcher(dispatcher, 'http://127.0.0.1/chat', HEADERS);
  const taker: Receiver = { onHead: () => undefined, onData: () => undefined };
  const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;
  const ask = () => expect(post('{}', taker, limits())).rejects.toThrow('seen');
  await withLogFields({ requestId: 'req_1', [TRACEPARENT]: traceparent }, ask);
  await ask();
  expect(seen).toEqual([{ ...HEADERS, traceparent }, HEADERS]);
});
