import { useHttpFixture } from './spec-fixture/http-fixture.js';
import { closeGate, gate, seen } from './spec-fixture/thing.controller.js';

describe('createHttpApp: idempotency', () => {
  const { call, post } = useHttpFixture();

  describe('Idempotency-Key', () => {
    it('repeats status, data and headers of the first answer, and does the work once', async () => {
      const headers = { 'idempotency-key': 'k1' };
      const first = await post('/api/v1/things', { name: 'a' }, headers);
      const second = await post('/api/v1/things', { name: 'a' }, headers);
      expect(seen.made).toBe(1);
      expect([second.status, second.body.data]).toEqual([201, first.body.data]);
      expect([second.headers.get('location'), second.headers.get('etag')]).toEqual(['/api/v1/things/a', '"1"']);
      expect([first.headers.get('idempotency-replayed'), second.headers.get('idempotency-replayed')]).toEqual([
        null,
        'true',
      ]);
      expect(second.body.meta.requestId).toBe(second.headers.get('x-request-id'));
    });

    it('refuses the key for another body or route', async () => {
      await post('/api/v1/things', { name: 'a' }, { 'idempotency-key': 'k2' });
      const other = await post('/api/v1/things', { name: 'b' }, { 'idempotency-key': 'k2' });
      expect(other.body.error).toMatchObject({ code: 'idempotency_key_reused', category: 'conflict', status: 422 });
      expect((await post('/api/v1/things/large', { name: 'a' }, { 'idempotency-key': 'k2' })).status).toBe(422);
    });

    it('answers 409 while the first still runs', async () => {
      closeGate();
      const first = post('/api/v1/things/wait', {}, { 'idempotency-key': 'k3' });
      let second = await post('/api/v1/things/wait', {}, { 'idempotency-key': 'k3' });
      expect(second.body.error).toMatchObject({ code: 'idempotency_in_progress', status: 409, retryable: true });
      gate.open();
      await first;
      second = await post('/api/v1/things/wait', {}, { 'idempotency-key': 'k3' });
      expect([second.status, second.body.data]).toEqual([201, { made: 1 }]);
    });

    it('keeps the key of a request that is answered as late for as long as its handler works', async () => {
      closeGate();
      const late = await post('/api/v1/things/wait', {}, { 'idempotency-key': 'k3-late' });
      expect(late.status).toBe(504);
      const second = await post('/api/v1/things/wait', {}, { 'idempotency-key': 'k3-late' });
      expect(second.body.error.code).toBe('idempotency_in_progress');
      expect(seen.made).toBe(1);
      gate.open();
    });

    it('repeats what the handler made of a request that was answered as late', async () => {
      closeGate();
      const send = () => post('/api/v1/things/wait', {}, { 'idempotency-key': 'k3-made' });
      expect((await send()).status).toBe(504);
      gate.open();
      let again = await send();
      while (again.body.error?.code === 'idempotency_in_progress') again = await send();
      expect([again.status, again.body.data, again.headers.get('idempotency-replayed')]).toEqual([
        201,
        { made: 1 },
        'true',
      ]);
      expect(seen.made).toBe(1);
    });

    it('takes the fields of an object in any order, and numbers by their value, for the same request', async () => {
      const keyed = (body: string) => post('/api/v1/things/large', body, { 'idempotency-key': 'k2-order' });
      const first = await keyed('{"name":"x","b":{"c":[1,2],"d":"x"}}');
      const second = await keyed('{ "b": { "d": "\\u0078", "c": [1.0, 2e0] }, "name": "x" }');
      expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null]);
      expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
      for (const other of ['{"name":"x","b":{"c":[2,1],"d":"x"}}', '{"name":"x","b":{"c":["1",2],"d":"x"}}']) {
        expect((await keyed(other)).body.error.code).toBe('idempotency_key_reused');
      }
    });

    it('keeps no refusal: the next attempt is judged anew', async () => {
      const keyed = (name: string, key: string) => post('/api/v1/things', { name }, { 'idempotency-key': key });
      expect((await keyed('taken', 'k4')).status).toBe(409);
      const repeated = await keyed('taken', 'k4');
      expect([repeated.status, repeated.headers.get('idempotency-replayed')]).toEqual([409, null]);
      expect((await keyed('free', 'k4')).status).toBe(201);
      expect((await keyed('down', 'k5')).status).toBe(502);
      expect((await keyed('down', 'k5')).status).toBe(502);
      expect(seen.made).toBe(5);
      expect((await keyed('', 'k6')).status).toBe(400);
      expect((await keyed('good', 'k6')).status).toBe(201);
    });

    it('frees the key when the client left before its answer', async () => {
      closeGate();
      const headers = { 'idempotency-key': 'k6-left', 'content-type': 'application/json' };
      const client = new AbortController();
      const entered = new Promise<void>((resolve) => (seen.entered = resolve));
      const noticed = new Promise((resolve) => (seen.left = resolve));
      const request = { method: 'POST', headers, body: '{}', signal: client.signal };
      const answer = call('/api/v1/things/heed', request).catch(() => 'gone');
      await entered;
      client.abort();
      expect([await answer, await noticed]).toMatchObject(['gone', { code: 'client_closed' }]);
      gate.open();
      let again = await post('/api/v1/things/heed', {}, headers);
      while (again.body.error?.code === 'idempotency_in_progress')
        again = await post('/api/v1/things/heed', {}, headers);
      expect([again.status, again.body.data]).toEqual([201, { made: 2 }]);
    });

    it('lets a handler that asks whether it repeats stream again what it made', async () => {
      const send = () => post('/api/v1/things/streamed-again', {}, { 'idempotency-key': 'k7-again' });
      const [first, second] = [await send(), await send()];
      expect([first, second].map(({ text }) => text)).toEqual(['data: 1\n\n', 'data: 1\n\n']);
      expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
      expect([second.status, second.headers.get('content-type')]).toEqual([first.status, 'text/event-stream']);
      const other = await post('/api/v1/things/streamed-again', { a: 1 }, { 'idempotency-key': 'k7-again' });
      expect([other.status, seen.made]).toEqual([422, 1]);
    });

    it('leads to what another stream made, since a stream cannot be repeated', async () => {
      const headers = { 'idempotency-key': 'k7' };
      expect((await post('/api/v1/things/streamed', {}, headers)).text).toBe('data: x\n\n');
      const second = await call('/api/v1/things/streamed', {
        method: 'POST',
        redirect: 'manual',
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{}',
      });
      expect([second.status, second.headers.get('location'), second.headers.get('idempotency-replayed')]).toEqual([
        303,
        '/api/v1/things/a',
        'true',
      ]);
    });

    it('does not start events again, and says so where nothing can be shown instead', async () => {
      const headers = { 'idempotency-key': 'k8' };
      expect((await post('/api/v1/things/evented', {}, headers)).text.match(/^data: .*$/gm)).toEqual([
        'data: one',
        'data: two',
      ]);
      const second = await post('/api/v1/things/evented', {}, headers);
      expect([second.status, second.body?.error.code, seen.made]).toEqual([409, 'conflict', 1]);
    });

    it('refuses a key that is none', async () => {
      const { status, body } = await post('/api/v1/things', { name: 'a' }, { 'idempotency-key': 'x'.repeat(256) });
      expect([status, body.error.details[0].path]).toEqual([400, 'header.idempotency-key']);
    });
  });
});
