import { Readable } from 'node:stream';
import { fastify } from 'fastify';
import { settingsFrom } from '../config/load-settings.js';
import { PUBLIC_ROUTE } from './access.decorators.js';
import { installAuthentication } from './authentication.hook.js';
import type { Authenticator } from './authenticator.js';
import { OpenRequests } from './open-requests.js';
import { type Principal, SYSTEM_ADMINISTRATOR } from './principal.js';
import { WrongKeys } from './wrong-keys.js';

const KEY_ID = 'key_01jd3fz8r0tq4v7m2x9s5n6k8p';
const wrongSecret = (digit: number) => `gh_${KEY_ID}_${'a'.repeat(39)}${digit}`;
const RIGHT = `gh_${KEY_ID}_${'r'.repeat(40)}`;
const PRINCIPAL: Principal = { tenantId: 'ten_a', actor: { kind: 'api-key', id: KEY_ID, scopes: [] } };
const ADMINISTRATOR = 'gh_administrator_a_setting';
const PRINCIPALS: Record<string, Principal> = { [RIGHT]: PRINCIPAL, [ADMINISTRATOR]: SYSTEM_ADMINISTRATOR };

function house(budget: string) {
  const app = fastify({ trustProxy: '127.0.0.1' });
  const openRequests = new OpenRequests();
  app.decorateRequest('guildhall');
  app.addHook('onRequest', (request, _reply, done) => {
    Object.assign(request, { guildhall: { tenantId: '', requestId: 'req_1' } });
    done();
  });
  installAuthentication(app, {
    authenticator: { authenticate: (token: string) => PRINCIPALS[token] } as Authenticator,
    wrongKeys: new WrongKeys(settingsFrom({ RATE_LIMIT_ANONYMOUS: budget })),
    openRequests,
  });
  app.setErrorHandler((error: Error & { category?: string; retryAfterMs?: number }, _request, reply) => {
    void reply.code(error.category === 'rate_limit' ? 429 : 401).send({ retryAfterMs: error.retryAfterMs });
  });
  app.get('/things', () => ({}));
  app.get('/probe', { config: { [PUBLIC_ROUTE]: true } }, () => ({}));
  app.get('/endless', () => {
    const stream = new Readable({ read: () => undefined });
    stream.push('the first word');
    return stream;
  });
  const statusOf = async (token?: string, from = '192.0.2.1', url = '/things') => {
    const headers = { 'x-forwarded-for': from, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    return (await app.inject({ url, headers })).statusCode;
  };
  return { app, openRequests, statusOf };
}

describe('authentication', () => {
  it('refuses an address that goes on without valid credentials, and no right key from there', async () => {
    const { statusOf } = house('3/60');
    const statuses = [wrongSecret(1), undefined, 'nonsense', 'nonsense', undefined, wrongSecret(2)];
    const answers: number[] = [];
    for (const token of statuses) answers.push(await statusOf(token));
    expect(answers).toEqual([401, 401, 401, 429, 429, 429]);
    expect(await statusOf(RIGHT)).toBe(200);
    expect(await statusOf(undefined, '192.0.2.2')).toBe(401);
  });

  it('refuses guesses at one key from many addresses, and not the key', async () => {
    const { statusOf } = house('3/60');
    const answers: number[] = [];
    for (let i = 1; i <= 5; i++) answers.push(await statusOf(wrongSecret(i), `192.0.2.${i}`));
    expect(answers).toEqual([401, 401, 401, 429, 429]);
    expect(await statusOf(RIGHT, '192.0.2.9')).toBe(200);
    expect(await statusOf('nonsense', '192.0.2.9')).toBe(401);
  });

  it('leaves open routes alone: probes come without a key, for ever', async () => {
    const { statusOf } = house('1/60');
    for (let i = 0; i < 5; i++) expect(await statusOf(undefined, '192.0.2.1', '/probe')).toBe(200);
    expect(await statusOf()).toBe(401);
  });

  it('has nothing to end for the administrator, whose key is a setting and no row', async () => {
    const { app, openRequests } = house('none');
    let watched: readonly string[] | undefined;
    app.get('/watched', () => ((watched = openRequests.keyIds), {}));
    for (const [key, ids] of [
      [RIGHT, [KEY_ID]],
      [ADMINISTRATOR, []],
    ] as const) {
      await app.inject({ url: '/watched', headers: { authorization: `Bearer ${key}` } });
      expect(watched).toEqual(ids);
    }
  });

  it('cuts what a handler still sends to a key that has ended', async () => {
    const { app, openRequests } = house('none');
    await app.listen({ port: 0, host: '127.0.0.1' });
    const url = `http://127.0.0.1:${(app.server.address() as { port: number }).port}/endless`;
    try {
      // oxlint-disable-next-line no-restricted-globals -- a client of the server, not code of it
      const response = await fetch(url, { headers: { authorization: `Bearer ${RIGHT}` } });
      expect([response.status, openRequests.keyIds]).toEqual([200, [KEY_ID]]);
      openRequests.endAllOf(KEY_ID);
      await expect(response.text()).rejects.toThrow();
    } finally {
      await app.close();
    }
    while (openRequests.keyIds.length > 0) await new Promise(setImmediate);
  });
});
