import { readFile } from 'node:fs/promises';
import { type RequestListener, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestApp, startTestApp } from '../../libs/testing/src/test-app.js';
import { PlainspeakPlugin } from '../fixtures/plainspeak/plainspeak.plugin.js';

const SOURCE = 'test/fixtures/plainspeak/plainspeak.plugin.ts';

describe('the model provider of the guide', () => {
  let vendor: Server;
  let house: TestApp;
  let answer: RequestListener;

  beforeAll(async () => {
    vendor = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
    house = await startTestApp({ plugins: [PlainspeakPlugin] });
    const { status, text } = await house.post('/api/v1/providers', {
      id: 'plain',
      kind: 'plainspeak',
      baseUrl: `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`,
      apiKey: 'canary-0123456789',
      models: [{ name: 'short' }],
      timeouts: { totalMs: 300 },
    });
    if (status !== 201) throw new Error(`The provider was not stored: ${text}`);
  });

  afterAll(async () => {
    await house.close();
    vendor.closeAllConnections();
    vendor.close();
  });

  const ask = async () => (await house.post('/api/v1/providers/plain/test')).body.data;

  it('stands in the guide as it is compiled', async () => {
    expect(await readFile('docs/providers.md', 'utf8')).toContain(await readFile(SOURCE, 'utf8'));
  });

  it('answers in a house that loaded it as a plugin', async () => {
    answer = (_, response) => response.end('{"text":"OK","read":3,"written":1}');
    await expect(ask()).resolves.toMatchObject({ ok: true, provider: 'plain', model: 'short' });
  });

  it.each([
    ['a refusal', 401, 'provider_refused'],
    ['too many requests', 429, 'rate_limited'],
    ['a failure', 500, 'provider_unavailable'],
    ['something else', 200, 'provider_unavailable'],
  ])('says what went wrong, in its own words: %s', async (_, status, code) => {
    answer = (request, response) => {
      response.statusCode = status;
      response.end(JSON.stringify({ error: `bad key ${String(request.headers['x-key'])}` }));
    };
    const outcome = await ask();
    expect(outcome).toMatchObject({ ok: false, error: { code } });
    expect(JSON.stringify(outcome)).not.toContain('canary');
  });

  it('does not wait for ever', async () => {
    answer = () => undefined;
    await expect(ask()).resolves.toMatchObject({ ok: false, error: { code: 'provider_timeout' } });
  });
});
