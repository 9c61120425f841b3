import { type Browser, chromium } from 'playwright-core';
import { type ServerProcess, startServerProcess } from '@guildhall/testing';
import { startPathProxy } from './openapi/path-proxy.js';
import { SwaggerPage } from './openapi/swagger-page.js';

const KEY = 'gh_dev_local';
/** Debian's; CI installs it. As root it starts without its sandbox only. */
const BROWSER = { executablePath: '/usr/bin/chromium', args: ['--no-sandbox'], timeout: 120_000 };

describe('Swagger UI in Chromium', () => {
  jest.setTimeout(600_000);
  let server: ServerProcess;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServerProcess({ env: { DATABASE_URL: 'pglite:memory', BOOTSTRAP_API_KEY: KEY } });
    browser = await chromium.launch(BROWSER);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.kill('SIGKILL');
  });

  it('opens collapsed, offers the development key, runs three operations and keeps the key over a reload', async () => {
    const swagger = await SwaggerPage.open(browser, `${server.url}/docs`);
    expect(await swagger.operationsShown()).toBe(0);
    const words = await swagger.authorize(KEY);
    expect(words).toContain('gh_<keyId>_<secret>');
    expect(words).toContain(KEY);
    const api = `${server.url}/api/v1`;
    expect(await swagger.execute('agents', 'createAgent')).toEqual({ url: `${api}/agents`, status: 201 });
    expect(await swagger.execute('collections', 'createCollection')).toEqual({
      url: `${api}/collections`,
      status: 201,
    });
    expect(await swagger.execute('tools', 'invokeTool')).toEqual({
      url: `${api}/tools/calculator/invoke`,
      status: 200,
    });
    await swagger.reload();
    expect(await swagger.execute('agents', 'listAgents')).toMatchObject({ status: 200 });
    expect(swagger.faults).toEqual([]);
  });

  it.each(['/docs', '/docs/'])(
    'stays behind a proxy that shows the server under a path, opened at %s',
    async (docs) => {
      const proxy = await startPathProxy(server.url, '/ai/guildhall');
      try {
        const swagger = await SwaggerPage.open(browser, proxy.url + docs);
        await swagger.authorize(KEY);
        const thread = await swagger.execute('threads', 'createThread');
        expect(thread).toEqual({ url: `${proxy.url}/api/v1/threads`, status: 201 });
        expect(swagger.faults).toEqual([]);
      } finally {
        await proxy.close();
      }
    },
  );
});
