import { lines, memory, useHttpFixture } from './spec-fixture/http-fixture.js';
import { closeGate, gate, seen } from './spec-fixture/thing.controller.js';

describe('createHttpApp: limits and correlation', () => {
  const { call, raw, untilClosed, arrived } = useHttpFixture();

  describe('correlation', () => {
    it.each(['', 'a b', 'ü', 'x'.repeat(129), 'a"b'])(
      'makes its own id instead of one that is not harmless, %#',
      async (id) => {
        const { body } = await call('/api/v1/things/context', {
          headers: { 'x-request-id': encodeURI(id) === id ? id : encodeURI(id) },
        });
        expect(body.data.requestId).toMatch(/^req_/);
      },
    );

    it('passes traceparent on, and answers failures with its trace id', async () => {
      const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
      const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
      await call('/api/v1/things/context', { headers: { traceparent } });
      expect(seen.ctx?.traceparent).toBe(traceparent);
      expect((await call('/api/v1/things/b', { headers: { traceparent } })).body.meta.traceId).toBe(trace);
      await call('/api/v1/things/context', { headers: { traceparent: 'nonsense' } });
      expect(seen.ctx?.traceparent).toBeUndefined();
    });

    it('keeps the log fields of a request whose body comes later', async () => {
      const body = '{"name":"a"}';
      const head = `POST /api/v1/things HTTP/1.1\r\nhost: localhost\r\nx-request-id: log-1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
      expect(await raw(head, body)).toMatch(/^HTTP\/1.1 201 /);
      expect(seen.fields).toMatchObject({ requestId: 'log-1', tenantId: 'default' });
    });
  });

  describe('limits', () => {
    it('answers 503 above the number of requests in flight, and exempts probes and paths that are not there', async () => {
      closeGate();
      const slow = Array.from({ length: 9 }, () => call('/api/v1/things/slow'));
      let refused = await call('/api/v1/things/a');
      while (refused.status === 200) refused = await call('/api/v1/things/a');
      expect(refused.body.error).toMatchObject({ code: 'concurrency_limited', status: 503, retryable: true });
      expect(refused.headers.get('retry-after')).toBe('1');
      const told = lines.filter(({ fields }) => fields['code'] === 'concurrency_limited');
      expect(told.map(({ level, fields }) => [level, 'err' in fields])).toEqual([['info', false]]);
      expect((await call('/health/live')).status).toBe(200);
      expect((await call('/api/v1/nothing')).status).toBe(404);
      gate.open();
      expect((await Promise.all(slow)).map(({ status }) => status)).toEqual(Array(9).fill(200));
      expect((await call('/api/v1/things/a')).status).toBe(200);
    });

    it('leaves a place to who has none, however many requests another tenant sends', async () => {
      closeGate();
      const of = (tenant: string) => ({ headers: { 'x-tenant': tenant } });
      const all = arrived(30);
      const crowd = Array.from({ length: 30 }, () => call('/api/v1/things/slow', of('crowd')));
      await all;
      expect((await call('/api/v1/things/context', of('other'))).status).toBe(200);
      expect((await call('/api/v1/things/context', of(''))).status).toBe(200);
      gate.open();
      const statuses = (await Promise.all(crowd)).map(({ status }) => status);
      expect([200, 503].map((wanted) => statuses.filter((status) => status === wanted).length)).toEqual([9, 21]);
    });

    it('holds no place for bodies that do not come, and closes their connections with the answer', async () => {
      const head =
        'POST /api/v1/things HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{';
      const all = arrived(20);
      const half = Array.from({ length: 20 }, () => untilClosed(head));
      await all;
      expect((await call('/api/v1/things/a')).status).toBe(200);
      for (const answer of await Promise.all(half)) {
        expect(answer).toMatch(/^HTTP\/1.1 504 [\s\S]*connection: close/);
      }
    });

    it('closes the connection of a request that was answered before its body came', async () => {
      const head = (path: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{`;
      const answers = await Promise.all(
        ['/api/v1/things/a', '/health/live', '/%'].map((path) => untilClosed(head(path))),
      );
      expect(answers.map((answer) => answer.slice(9, 12))).toEqual(['200', '200', '400']);
    });

    it('keeps the connection whose body comes right after a refusal', async () => {
      const head = 'POST /api/v1/nothing HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\n';
      const get = 'GET /api/v1/things/a HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';
      expect((await untilClosed(head, `null${get}`)).match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 200']);
    });

    it('opens no more streams for one key than it may have, and others may still', async () => {
      closeGate();
      const open = (tenant: string) => call('/api/v1/things/events', { headers: { 'x-tenant': tenant } });
      const streams = Array.from({ length: 12 }, () => open('a'));
      const refused = await Promise.race(streams);
      expect([refused.status, refused.body.error.code, refused.body.error.details[0].code]).toEqual([
        429,
        'rate_limited',
        'concurrency',
      ]);
      expect(refused.headers.get('retry-after')).toBe('1');
      const other = open('b');
      gate.open();
      const statuses = (await Promise.all([...streams, other])).map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(11);
      expect((await open('a')).status).toBe(200);
    });

    it('begins nothing while memory is short, and still answers probes', async () => {
      memory.isShort = true;
      const refused = await call('/api/v1/things/a');
      const probed = await call('/health/live');
      memory.isShort = false;
      expect([refused.status, refused.body.error.code, refused.headers.get('retry-after')]).toEqual([
        503,
        'concurrency_limited',
        '2',
      ]);
      expect([probed.status, (await call('/api/v1/things/a')).status]).toEqual([200, 200]);
    });

    it('answers 504 when the time is up, and aborts the work', async () => {
      closeGate();
      const { status, body } = await call('/api/v1/things/slow');
      expect([status, body.error.code]).toEqual([504, 'request_timeout']);
      expect(seen.aborted).toMatchObject({ code: 'request_timeout' });
      gate.open();
      expect((await call('/api/v1/things/a')).status).toBe(200);
    });

    it('lets a stream outlast the time limit, and frees its place', async () => {
      closeGate();
      const streams = Array.from({ length: 6 }, () =>
        call('/api/v1/things/events', { headers: { accept: 'text/event-stream' } }),
      );
      const slow = await call('/api/v1/things/slow');
      expect(slow.status).toBe(504);
      gate.open();
      for (const { status, text } of await Promise.all(streams)) {
        expect([status, text.match(/^data: .*$/gm)]).toEqual([200, ['data: one', 'data: two']]);
      }
    });

    it('lets a stream be as late with its first byte as it may be silent later, and no later', async () => {
      closeGate();
      const entered = new Promise<void>((resolve) => (seen.entered = resolve));
      const late = call('/api/v1/things/late');
      await entered;
      expect((await call('/api/v1/things/slow')).status).toBe(504);
      gate.open();
      expect((await late).text).toBe('data: late\n\n');
      closeGate();
      const { status, body } = await call('/api/v1/things/late');
      expect([status, body.error.code]).toEqual([504, 'request_timeout']);
      expect(body.error.message).toContain('2.7 s');
      gate.open();
    });

    it('frees the places of requests that were still waiting in a pipeline when the client left', async () => {
      closeGate();
      const get = 'GET /api/v1/things/slow HTTP/1.1\r\nhost: localhost\r\n\r\n';
      let waiting = 9;
      const all = new Promise<void>((resolve) => (seen.entered = () => --waiting === 0 && resolve()));
      const left = raw(get.repeat(9), undefined, all);
      expect(await left).toBe('');
      gate.open();
      const statuses = await Promise.all(Array.from({ length: 9 }, () => call('/api/v1/things/a')));
      expect(statuses.map(({ status }) => status)).toEqual(Array(9).fill(200));
    });

    it('aborts the work of a client that left, and frees its place', async () => {
      closeGate();
      for (let i = 0; i < 11; i++) {
        const controller = new AbortController();
        const entered = new Promise<void>((resolve) => (seen.entered = resolve));
        const left = new Promise((resolve) => (seen.left = resolve));
        const answer = call('/api/v1/things/slow', { signal: controller.signal }).catch(() => 'gone');
        await entered;
        controller.abort();
        expect(await answer).toBe('gone');
        expect(await left).toMatchObject({ code: 'client_closed' });
      }
      gate.open();
      expect((await call('/api/v1/things/a')).status).toBe(200);
    });
  });
});

describe('createHttpApp: large bodies', () => {
  const { call } = useHttpFixture({ REQUEST_TIMEOUT: 30 });

  it('takes up to 20 MiB where a route says so, guarded as any body', async () => {
    const post = async (text: string) => {
      const headers = { 'content-type': 'application/json' };
      const { status, body } = await call('/api/v1/things/large', { method: 'POST', body: text, headers });
      return [status, body.data?.length ?? body.error.code];
    };
    const mebibytes = (count: number) => JSON.stringify({ name: 'x'.repeat(count * 1024 * 1024) });
    expect(await post(mebibytes(19))).toEqual([201, 19 * 1024 * 1024]);
    expect(await post(mebibytes(20))).toEqual([413, 'payload_too_large']);
    expect(await post(`{"name":${'['.repeat(100)}`)).toEqual([400, 'validation_failed']);
  });
});
