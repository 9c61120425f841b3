import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Server as TcpServer, createServer as createTcpServer } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { OutboundGuard } from '../../libs/core/src/http/outbound-guard.js';
import { UndiciOutboundClient } from '../../libs/core/src/http/outbound-undici.client.js';
import type { OutboundRequest } from '../../libs/core/src/http/outbound.client.js';
import { TRACEPARENT, withLogFields } from '../../libs/core/src/telemetry/log-context.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
type Lookup = ConstructorParameters<typeof UndiciOutboundClient>[1];

interface Ledger {
  readonly origin: string;
  readonly port: number;
  readonly requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
  connections: number;
  handler: Handler;
}

const servers: (Server | TcpServer)[] = [];
const clients: UndiciOutboundClient[] = [];

async function ledger(handler: Handler = (_, response) => response.end('ok'), host = '127.0.0.1'): Promise<Ledger> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      book.requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      book.handler(request, response);
    });
  });
  server.on('connection', () => book.connections++);
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  const book: Ledger = { origin: `http://${host}:${port}`, port, requests: [], connections: 0, handler };
  return book;
}

function client(allow: string[] = ['127.0.0.1'], lookup?: Lookup): UndiciOutboundClient {
  const made = new UndiciOutboundClient(new OutboundGuard({ allow, ports: [80, 443] }), lookup);
  clients.push(made);
  return made;
}

const tenant = (more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  trust: 'tenant',
  signal: new AbortController().signal,
  ...more,
});

const BLOCKED = expect.objectContaining({ code: 'outbound_blocked', category: 'authorization' });

afterEach(async () => {
  await Promise.all(clients.splice(0).map((each) => each.close()));
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('the address guard', () => {
  it('makes no connection to what it blocks', async () => {
    const book = await ledger();
    const guarded = client([]);
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '0']) {
      await expect(guarded.request(`http://${host}:${book.port}/`, tenant())).rejects.toEqual(BLOCKED);
      await expect(guarded.fetch('tenant')(`http://${host}:${book.port}/`)).rejects.toEqual(BLOCKED);
    }
    expect(book.connections).toBe(0);
  });

  it('connects to the address that it judged, whatever the name says the next time', async () => {
    const book = await ledger();
    let asked = 0;
    const rebinding: Lookup = (_name, _options, done) => {
      asked++;
      done(null, [{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }]);
    };
    const guarded = client(['127.0.0.1'], rebinding);
    const answer = await guarded.request(`http://rebind.example:${book.port}/`, tenant());
    expect(answer.body.toString()).toBe('ok');
    expect(asked).toBe(1);
  });

  it.each([
    ['a private one', ['10.0.0.1']],
    ['a public and a private one', ['93.184.216.34', '127.0.0.1']],
    ['a public one and a private IPv6 one', ['93.184.216.34', '::1']],
    ['loopback', ['127.0.0.1']],
  ])('refuses a name that resolves to %s', async (_, addresses) => {
    const book = await ledger();
    const lookup: Lookup = (_name, _options, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    const guarded = new UndiciOutboundClient(new OutboundGuard({ allow: [], ports: [book.port] }), lookup);
    clients.push(guarded);
    await expect(guarded.request(`http://public.example:${book.port}/`, tenant())).rejects.toEqual(BLOCKED);
    expect(book.connections).toBe(0);
  });

  it('refuses metadata services to the operator too, by name, by address and through the bare dispatcher', async () => {
    const lookup: Lookup = (_name, _options, done) => done(null, [{ address: '169.254.169.254', family: 4 }]);
    const guarded = client([], lookup);
    const operator = tenant({ trust: 'operator' });
    await expect(guarded.request('http://169.254.169.254/', operator)).rejects.toEqual(BLOCKED);
    await expect(guarded.request('http://innocent.example/', operator)).rejects.toEqual(BLOCKED);
    const bare = { origin: 'http://169.254.169.254', path: '/', method: 'GET' as const };
    await expect(guarded.dispatcher.request(bare)).rejects.toEqual(BLOCKED);
  });

  it('never gives a tenant a connection that was opened for the operator', async () => {
    const book = await ledger();
    const guarded = client([]);
    expect((await guarded.request(book.origin, tenant({ trust: 'operator' }))).status).toBe(200);
    await expect(guarded.request(book.origin, tenant())).rejects.toEqual(BLOCKED);
    expect(book.requests).toHaveLength(1);
  });
});

describe('redirects', () => {
  it('judges every hop', async () => {
    const inner = await ledger(undefined, '127.0.0.2');
    const book = await ledger((_, response) => response.writeHead(302, { location: inner.origin }).end());
    await expect(client().request(book.origin, tenant())).rejects.toEqual(BLOCKED);
    await expect(client().fetch('tenant')(book.origin)).rejects.toEqual(BLOCKED);
    expect(inner.connections).toBe(0);
  });

  it.each(['file:///etc/passwd', 'http://user:pass@127.0.0.1/', 'http://169.254.169.254/'])(
    'does not follow to %s',
    async (location) => {
      const book = await ledger((_, response) => response.writeHead(301, { location }).end());
      await expect(client().request(book.origin, tenant())).rejects.toEqual(BLOCKED);
    },
  );

  it('follows three, and no more', async () => {
    const book = await ledger((request, response) => {
      const left = Number(request.url!.slice(1));
      if (left === 0) response.end('there');
      else response.writeHead(307, { location: `/${left - 1}` }).end('moved');
    });
    const answer = await client().request(`${book.origin}/3`, tenant());
    expect([answer.body.toString(), answer.url]).toEqual(['there', `${book.origin}/0`]);
    await expect(client().request(`${book.origin}/4`, tenant())).rejects.toMatchObject({ code: 'outbound_failed' });
    expect(book.requests).toHaveLength(8);
  });

  it('drops all that may be a credential on the way to another origin, and keeps it on the same one', async () => {
    const other = await ledger();
    const book = await ledger((request, response) =>
      response.writeHead(307, { location: request.url === '/away' ? other.origin : '/away' }).end(),
    );
    const headers = {
      Authorization: 'Bearer s',
      Cookie: 'a=b',
      'X-Api-Key': 's',
      Accept: 'text/plain',
      traceparent: 't',
    };
    await client().request(book.origin, tenant({ method: 'POST', headers, body: 'hello' }));
    expect(book.requests[1]!.headers).toMatchObject({ authorization: 'Bearer s', 'x-api-key': 's' });
    expect(other.requests[0]).toMatchObject({ method: 'POST', body: 'hello' });
    expect(other.requests[0]!.headers).toMatchObject({ accept: 'text/plain', traceparent: 't' });
    for (const name of ['authorization', 'cookie', 'x-api-key']) {
      expect(other.requests[0]!.headers).not.toHaveProperty(name);
    }
  });

  it.each([
    [301, 'GET'],
    [302, 'GET'],
    [303, 'GET'],
    [307, 'POST'],
    [308, 'POST'],
  ])('repeats a POST after %d as %s', async (status, method) => {
    const book = await ledger((request, response) =>
      request.url === '/' ? response.writeHead(status, { location: '/next' }).end() : response.end(),
    );
    await client().request(book.origin, tenant({ method: 'POST', body: 'x' }));
    expect(book.requests[1]).toMatchObject({ method, body: method === 'POST' ? 'x' : '' });
  });
});

describe('answers', () => {
  it('are read whole, with status, headers and address; cookies are dropped', async () => {
    const book = await ledger((_, response) =>
      response.writeHead(404, { 'content-type': 'text/plain', 'set-cookie': 'a=b' }).end('no'),
    );
    const answer = await client().request(`${book.origin}/x?y=1`, tenant());
    expect(answer).toMatchObject({
      status: 404,
      url: `${book.origin}/x?y=1`,
      headers: { 'content-type': 'text/plain' },
    });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.body.toString()).toBe('no');
  });

  it('are cut off at the limit, announced or not', async () => {
    const announced = await ledger((_, response) =>
      response.writeHead(200, { 'content-length': 5000 }).end('x'.repeat(5000)),
    );
    const endless = await ledger((_, response) => {
      const more = () => response.writable && response.write('x'.repeat(10_000), more);
      more();
    });
    for (const book of [announced, endless]) {
      const limited = client().request(book.origin, tenant({ maxResponseBytes: 1000 }));
      await expect(limited).rejects.toMatchObject({ code: 'outbound_response_too_large', category: 'upstream' });
    }
  });

  it('are limited after decompression: a small bomb is a big answer', async () => {
    const bomb = gzipSync(Buffer.alloc(150_000_000));
    const book = await ledger((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const before = process.memoryUsage().rss;
    await expect(client().request(book.origin, tenant({ maxResponseBytes: 100_000 }))).rejects.toMatchObject({
      code: 'outbound_response_too_large',
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(75_000_000);
  });

  it.each([
    ['gzip', gzipSync('hello')],
    ['br', brotliCompressSync('hello')],
    ['identity', Buffer.from('hello')],
  ])('come decoded from %s', async (encoding, body) => {
    const book = await ledger((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(body));
    expect((await client().request(book.origin, tenant())).body.toString()).toBe('hello');
    expect(await (await client().fetch('tenant')(book.origin)).text()).toBe('hello');
  });

  it.each(['gzip, gzip', 'zstd', 'constructor'])('in the encoding %s are refused', async (encoding) => {
    const book = await ledger((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end('x'));
    await expect(client().request(book.origin, tenant())).rejects.toMatchObject({ code: 'outbound_failed' });
  });

  it('that break the protocol are failures of the server, and say nothing of its inside', async () => {
    for (const bytes of [
      'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort',
      'garbage\r\n\r\n',
      '',
      'HTTP/1.1 200 OK\r\n' + 'x: y\r\n'.repeat(20_000),
    ]) {
      const tcp = createTcpServer((socket) =>
        socket.on('error', () => undefined).once('data', () => socket.end(bytes)),
      );
      await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
      servers.push(tcp);
      const { port } = tcp.address() as AddressInfo;
      const failure = client().request(`http://127.0.0.1:${port}/`, tenant());
      await expect(failure).rejects.toMatchObject({ category: 'upstream', code: 'outbound_failed', retryable: true });
      await expect(failure).rejects.not.toThrow(/127\.0\.0\.1|UND_ERR|Parse/);
    }
  });

  it('without a body are no trouble', async () => {
    const book = await ledger((request, response) => {
      const headers = { 'content-length': 99_999_999, 'content-encoding': 'gzip' };
      if (request.method === 'HEAD') response.writeHead(200, headers).end();
      else response.writeHead(204).end();
    });
    const head = await client().request(book.origin, tenant({ method: 'HEAD' }));
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect((await client().request(book.origin, tenant({ method: 'DELETE' }))).status).toBe(204);
    expect((await client().fetch('tenant')(book.origin)).body).toBeNull();
  });
});

describe('time', () => {
  it('is limited as a whole, for a server that never answers and one that drips', async () => {
    const silent = await ledger(() => undefined);
    const dripping = await ledger((_, response) => {
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    });
    for (const book of [silent, dripping]) {
      const late = client().request(book.origin, tenant({ timeoutMs: 150 }));
      await expect(late).rejects.toMatchObject({ category: 'timeout', code: 'outbound_timeout' });
    }
  });

  it('ends when the caller says so, with the reason of the caller', async () => {
    const book = await ledger(() => setImmediate(() => controller.abort(reason)));
    const controller = new AbortController();
    const reason = new Error('enough');
    await expect(client().request(book.origin, tenant({ signal: controller.signal }))).rejects.toBe(reason);
  });

  it('does not begin for a caller that is gone', async () => {
    const book = await ledger();
    await expect(client().request(book.origin, tenant({ signal: AbortSignal.abort() }))).rejects.toThrow();
    expect(book.requests).toHaveLength(0);
  });
});

describe('the pool', () => {
  it('uses one connection for calls one after the other', async () => {
    const book = await ledger();
    const pooled = client();
    for (let i = 0; i < 200; i++) await pooled.request(book.origin, tenant());
    expect(book.connections).toBeLessThanOrEqual(2);
  });

  it.each([
    [
      '100 connections, and keeps 20',
      100,
      async (pooled: UndiciOutboundClient, url: string) => {
        return (await pooled.request(url, tenant())).status;
      },
    ],
    [
      '500 for model calls, which last, and keeps 20',
      500,
      async (pooled: UndiciOutboundClient, url: string) => {
        const answer = await pooled.fetch('tenant')(url);
        await answer.text();
        return answer.status;
      },
    ],
  ])('opens at most %s', async (_what, limit, call) => {
    let open = 0;
    let most = 0;
    let arrived = 0;
    const held: ServerResponse[] = [];
    // Nobody is answered before as many are there as may be.
    const book = await ledger((_, response) => {
      held.push(response);
      if (++arrived >= limit) for (const each of held.splice(0)) each.end('ok');
    });
    (servers.at(-1) as Server).on('connection', (socket) => {
      most = Math.max(most, ++open);
      socket.on('close', () => open--);
    });
    const pooled = client();
    const statuses = await Promise.all(Array.from({ length: limit + 100 }, () => call(pooled, book.origin)));
    expect(statuses.every((status) => status === 200)).toBe(true);
    expect(most).toBe(limit);
    const deadline = Date.now() + 5000;
    while (open > 20 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 25));
    expect(open).toBeLessThanOrEqual(20);
    expect(open).toBeGreaterThan(0);
  });
});

describe('fetch', () => {
  it('is what an SDK needs: JSON out, a stream back, errors as statuses', async () => {
    const book = await ledger((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'set-cookie': 'a=b' });
      response.write('data: 1\n\n');
      setImmediate(() => response.end('data: 2\n\n'));
    });
    const fetch = client().fetch('tenant');
    const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer x' };
    const response = await fetch(new URL('/v1', book.origin), { method: 'POST', headers, body: '{"a":1}' });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.has('set-cookie')).toBe(false);
    expect(response.body).toBeInstanceOf(ReadableStream);
    expect(await response.text()).toBe('data: 1\n\ndata: 2\n\n');
    expect(book.requests[0]).toMatchObject({ method: 'POST', body: '{"a":1}', headers: { authorization: 'Bearer x' } });
    book.handler = (_, answer) => answer.writeHead(500).end('{}');
    expect(await fetch(book.origin)).toMatchObject({ status: 500, ok: false });
  });

  it('takes forms, Requests and Headers', async () => {
    const book = await ledger();
    const fetch = client().fetch('tenant');
    const form = new FormData();
    form.set('file', new Blob(['hello']), 'a.txt');
    await fetch(book.origin, { method: 'POST', body: form });
    expect(book.requests[0]!.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(book.requests[0]!.body).toContain('hello');
    await fetch(new Request(book.origin, { method: 'PUT', body: 'text', headers: { 'x-a': '1' } }));
    expect(book.requests[1]).toMatchObject({ method: 'PUT', body: 'text', headers: { 'x-a': '1' } });
    await fetch(book.origin, { headers: new Headers([['x-b', '2']]) });
    expect(book.requests[2]!.headers).toMatchObject({ 'x-b': '2' });
  });

  it('hangs up when the reader stops reading, and when the caller aborts', async () => {
    for (const stop of ['cancel', 'abort'] as const) {
      const controller = new AbortController();
      const closed = new Promise<void>((resolve) => {
        void ledger((_, response) => {
          response.write('first');
          response.on('close', () => resolve());
        }).then(async (book) => {
          const response = await client().fetch('tenant')(book.origin, { signal: controller.signal });
          const reader = response.body!.getReader();
          await reader.read();
          if (stop === 'cancel') await reader.cancel();
          else controller.abort();
          if (stop === 'abort') await expect(reader.read()).rejects.toThrow();
        });
      });
      await closed;
    }
  });

  it('fails like the real one when nobody answers', async () => {
    const book = await ledger((request) => request.socket.destroy());
    await expect(client().fetch('tenant')(book.origin)).rejects.toMatchObject({
      name: 'TypeError',
      message: 'fetch failed',
    });
  });
});

describe('requests', () => {
  it('that are no valid HTTP are the fault of who made them', async () => {
    const book = await ledger();
    const bad = client().request(book.origin, tenant({ headers: { 'x-a': 'b\r\nx-evil: 1' } }));
    await expect(bad).rejects.toMatchObject({ category: 'validation' });
    expect(book.requests).toHaveLength(0);
  });

  it('cannot set what belongs to the connection', async () => {
    const book = await ledger();
    const headers = {
      Host: 'evil.example',
      Connection: 'close',
      'Transfer-Encoding': 'chunked',
      'Content-Length': '999',
    };
    await client().request(book.origin, tenant({ method: 'POST', headers, body: 'x' }));
    expect(book.requests[0]!.headers).toMatchObject({ host: `127.0.0.1:${book.port}`, 'content-length': '1' });
  });
});

describe('the trace of a request', () => {
  const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;
  const within = <T>(work: () => Promise<T>) => withLogFields({ requestId: 'req_1', [TRACEPARENT]: traceparent }, work);

  it('goes along with all that is called in its name, over redirects too', async () => {
    const target = await ledger();
    const start = await ledger((_, response) => response.writeHead(307, { location: target.origin }).end());
    const outbound = client();
    await within(() => outbound.request(start.origin, tenant()));
    await within(() => outbound.fetch('operator')(start.origin));
    await outbound.request(start.origin, tenant());
    const seen = ({ requests }: Ledger) => requests.map(({ headers }) => headers.traceparent);
    expect([seen(start), seen(target)]).toEqual([
      [traceparent, traceparent, undefined],
      [traceparent, traceparent, undefined],
    ]);
  });

  it('leaves alone one that the caller names', async () => {
    const server = await ledger();
    await within(() => client().request(server.origin, tenant({ headers: { Traceparent: 'own' } })));
    expect(server.requests[0]!.headers.traceparent).toBe('own');
  });
});
