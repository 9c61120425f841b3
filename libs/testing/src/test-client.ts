import { randomUUID } from 'node:crypto';

export interface TestRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the administrator's; `null` sends none. */
  readonly key?: string | null;
}

export interface TestResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body: an envelope, a problem, or whatever the route answers. Undefined when it is not JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
  readonly body: any;
}

type Send = (path: string, request?: TestRequest) => Promise<TestResponse>;
type SendBody = (path: string, body?: unknown, request?: TestRequest) => Promise<TestResponse>;

export interface TestClient {
  readonly url: string;
  readonly apiKey: string;
  readonly get: Send;
  readonly delete: Send;
  readonly post: SendBody;
  readonly patch: SendBody;
  readonly put: SendBody;
}

/** A tenant of the test file's own, on a server that it may share with others. Its `apiKey` is the tenant's administrator's. */
export interface TestTenant extends TestClient {
  /** Makes another tenant; resolves to its administrator's key. */
  otherTenant(name: string): Promise<string>;
  close(): Promise<void>;
}

/** The system administrator's, of every server that tests start. */
export const TEST_API_KEY = 'gh_test_bootstrap_0123456789abcdef0123456789';

/** Speaks to the server at this address with this key. */
export function testClient(url: string, apiKey: string): TestClient {
  const send = async (method: string, path: string, { body, headers, key = apiKey }: TestRequest = {}) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  };
  const withBody =
    (method: string): SendBody =>
    (path, body, request) =>
      send(method, path, { body, ...request });
  return {
    url,
    apiKey,
    get: (path, request) => send('GET', path, request),
    delete: (path, request) => send('DELETE', path, request),
    post: withBody('POST'),
    patch: withBody('PATCH'),
    put: withBody('PUT'),
  };
}

/** Makes a tenant, as the system administrator may; resolves to its administrator's key. */
export async function newTenant(administrator: TestClient, name: string): Promise<string> {
  const { status, text, body } = await administrator.post('/api/v1/tenants', { name: `${name} ${randomUUID()}` });
  if (status !== 201) throw new Error(`The tenant '${name}' could not be made: ${text}`);
  return body.data.apiKey.key;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
