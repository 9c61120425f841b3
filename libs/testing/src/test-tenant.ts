import { type TestApp, startTestApp } from './test-app.js';
import { type TestTenant, TEST_API_KEY, newTenant, testClient } from './test-client.js';

/**
 * Enters a tenant of the test file's own on the server that this Jest worker keeps (`test/shared-servers.mjs`); or on an
 * application in this process, where coverage is measured or the database is a server's. Both let 127.0.0.1 through, where
 * scripted vendors stand. For tests that need no plugins, settings or system administrator of their own: most of the time
 * of a test file goes into starting an application.
 */
export async function testTenant(): Promise<TestTenant> {
  const url = sharedServer();
  const own: TestApp | undefined =
    url === undefined ? await startTestApp({ settings: { OUTBOUND_ALLOW: ['127.0.0.1'] } }) : undefined;
  const administrator = own ?? testClient(url!, TEST_API_KEY);
  const otherTenant = (name: string) => newTenant(administrator, name);
  const apiKey = await otherTenant('test');
  return { ...testClient(administrator.url, apiKey), otherTenant, close: async () => own?.close() };
}

function sharedServer(): string | undefined {
  const urls = process.env['TEST_SERVER_URLS']?.split(' ');
  return urls?.[(Number(process.env['JEST_WORKER_ID']) - 1) % urls.length];
}
