import {
  type ServerProcess,
  TEST_API_KEY,
  type TestClient,
  type TestResponse,
  newTenant,
  startServerProcess,
  testClient,
} from '@guildhall/testing';

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly example?: unknown;
  readonly schema?: { readonly example?: unknown; readonly default?: unknown };
}
interface Operation {
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Filled {
  readonly name: string;
  readonly path: string;
  readonly body: unknown;
  /** Of an object that is not there. */
  readonly mayMiss: boolean;
  readonly systemOnly: boolean;
}

const NAMES_AN_OBJECT = /"[a-z]{3,4}_[0-9a-z]{26}"/;

/** As Swagger UI fills it in when one presses "Try it out". */
function filledIn(path: string, method: string, operation: Operation): Filled {
  const { description = '', parameters = [], requestBody, responses } = operation;
  const valueOf = ({ example, schema }: Parameter) => example ?? schema?.example ?? schema?.default;
  const query = new URLSearchParams();
  let filled = path;
  for (const parameter of parameters) {
    const value = valueOf(parameter);
    if (parameter.in === 'path') filled = filled.replace(`{${parameter.name}}`, String(value));
    if (parameter.in === 'query' && value !== undefined) query.set(parameter.name, String(value));
  }
  const body = requestBody?.content['application/json']?.example;
  const namesObject = path.includes('{') || NAMES_AN_OBJECT.test(JSON.stringify(body ?? null));
  return {
    name: `${method.toUpperCase()} ${path}`,
    path: query.size > 0 ? `${filled}?${query}` : filled,
    body,
    mayMiss: namesObject && '404' in responses,
    systemOnly: description.includes("system administrator's key"),
  };
}

describe('the examples of the OpenAPI document', () => {
  // A built server: what types say of an operation is put into the document by the build.
  let server: ServerProcess;
  let house: TestClient;
  let operations: Filled[];

  beforeAll(async () => {
    server = await startServerProcess({
      env: { DATABASE_URL: 'pglite:memory', BOOTSTRAP_API_KEY: TEST_API_KEY, RUN_WORKERS: 'true' },
    });
    house = testClient(server.url, await newTenant(testClient(server.url, TEST_API_KEY), 'examples'));
    const paths = (await house.get('/openapi.json')).body.paths as Record<string, Record<string, Operation>>;
    operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => filledIn(path, method, operation)),
    );
  });
  afterAll(() => server?.kill('SIGTERM'));

  function send({ name, path, body, systemOnly }: Filled): Promise<TestResponse> {
    const key = systemOnly ? { key: TEST_API_KEY } : {};
    if (name.startsWith('GET')) return house.get(path, key);
    if (name.startsWith('DELETE')) return house.delete(path, key);
    return name.startsWith('PATCH') ? house.patch(path, body, key) : house.post(path, body, key);
  }
  const operation = (name: string) => operations.find((one) => one.name === name)!;

  it('name an object in every path, and a body where one is taken', () => {
    expect(operations.filter(({ path }) => /\{|undefined/.test(path))).toEqual([]);
    const changing = operations.filter(({ name }) => /^(POST|PATCH) \/api\/v1\/[a-z-]+$/.test(name));
    expect(changing.filter(({ body }) => body === undefined)).toEqual([]);
  });

  it('run as they stand: each succeeds, or has the documented 404 of an object that is not there', async () => {
    const answers: [string, number, unknown][] = [];
    for (const one of operations) {
      const { status, body } = await send(one);
      if (status >= 300 && !(status === 404 && one.mayMiss)) answers.push([one.name, status, body?.error?.details]);
    }
    expect(answers).toEqual([]);
    const running = operations.filter(({ mayMiss }) => !mayMiss).map(({ name }) => name);
    expect(running).toEqual(
      expect.arrayContaining(['POST /api/v1/agents', 'POST /api/v1/collections', 'POST /api/v1/providers']),
    );
  });

  it('leave no provider behind that agents without a model of their own would fail with', async () => {
    expect((await send(operation('POST /api/v1/providers'))).status).toBe(201);
    const agent = await house.post('/api/v1/agents', { name: 'support', tools: ['calculator'] });
    const run = { agentId: agent.body.data.id, input: 'What is 15% of 240?' };
    const answer = await house.post('/api/v1/runs', run, { headers: { prefer: 'wait=60' } });
    expect(answer.body.data).toMatchObject({ status: 'succeeded', output: { text: expect.stringContaining('36') } });
  });

  it('make no agent that is found in place of one that the README makes, or that must answer in JSON', () => {
    const { body } = operation('POST /api/v1/agents') as { body: { name: string } };
    expect(body.name).not.toBe('support');
    expect(body).not.toHaveProperty('outputSchema');
  });
});
