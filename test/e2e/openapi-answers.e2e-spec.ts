import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type TestTenant, testTenant } from '@guildhall/testing';

interface Described {
  readonly name?: string;
  readonly in?: string;
  readonly required?: boolean;
  readonly $ref?: string;
}
interface Answer {
  readonly $ref?: string;
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: Readonly<Record<string, unknown>> }>>;
}
interface Operation {
  readonly tags: readonly string[];
  readonly parameters: readonly (Described & { readonly schema?: object })[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, Answer>>;
}

const EVENTS = {
  schema: { type: 'string', description: expect.stringContaining('#/components/schemas/RunEventDto') },
};
const STARTS = ['/api/v1/runs', '/api/v1/threads/{id}/runs'];

const NUMBERS: readonly unknown[] = ['number', 'integer'];
/** Any JSON: the schema that the interrupt comes with says what it may be. */
const ANYTHING = '.RespondDto.properties.value.';

/** Where a schema, with all that it refers to, takes a number of any size. */
function boundless(
  schema: unknown,
  schemas: Readonly<Record<string, unknown>>,
  path: string,
  seen: string[] = [],
): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, minimum, maximum, $ref } = schema as Readonly<Record<string, unknown>>;
  const isNumber = [type].flat().some((one) => NUMBERS.includes(one));
  if (isNumber) return typeof minimum === 'number' && typeof maximum === 'number' ? [] : [path];
  if (typeof $ref !== 'string') {
    const parts = Object.entries(schema).filter(([key]) => key !== 'example' && key !== 'default');
    return parts.flatMap(([key, part]) => boundless(part, schemas, `${path}.${key}`, seen));
  }
  const name = $ref.split('/').at(-1)!;
  return seen.includes(name) ? [] : boundless(schemas[name], schemas, `${path}.${name}`, [...seen, name]);
}

describe('the OpenAPI document, of routes that answer in more than one way', () => {
  let house: TestTenant;
  let operation: (method: 'get' | 'post' | 'delete', path: string) => Operation;
  let operations: (readonly [name: string, Operation])[];
  let schemas: Readonly<Record<string, unknown>>;
  let kinds: Readonly<Record<string, Answer>>;
  let ajv: Ajv2020;

  beforeAll(async () => {
    house = await testTenant();
    const { paths, components } = (await house.get('/openapi.json')).body;
    schemas = components.schemas;
    kinds = components.responses;
    operation = (method, path) => paths[path][method];
    operations = Object.entries(paths as Record<string, Record<string, Operation>>).flatMap(([path, item]) =>
      Object.entries(item).map(([method, one]) => [`${method.toUpperCase()} ${path}`, one] as const),
    );
    ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    ajv.addSchema({ $id: 'doc', components });
  });
  afterAll(() => house.close());

  it('has words of its own for every group of routes', async () => {
    const { tags } = (await house.get('/openapi.json')).body as { tags: { name: string; description: string }[] };
    const used = new Set(operations.flatMap(([, one]) => one.tags));
    expect(new Set(tags.map(({ name }) => name))).toEqual(used);
    expect(tags.filter(({ description }) => description.startsWith('Routes about'))).toEqual([]);
  });

  it('has the body of failures in its kinds of failure alone', () => {
    const failure = '"#/components/schemas/Failure"';
    const inline = operations.filter(
      ([name, { responses }]) => name.includes(' /api/v1/') && JSON.stringify(responses).includes(failure),
    );
    expect(inline.map(([name]) => name)).toEqual([]);
    expect(Object.values(kinds).every((kind) => JSON.stringify(kind.content).includes(failure))).toBe(true);
  });

  it('has one Last-Event-ID, which may be left out', () => {
    const { parameters } = operation('get', '/api/v1/runs/{id}/events');
    const headers = parameters.filter((parameter) => parameter.in === 'header');
    expect(headers.map(({ name, required }) => [name, required])).toEqual([['Last-Event-ID', false]]);
  });

  it('tells an event stream from the page of events, and that events expire', () => {
    const { responses } = operation('get', '/api/v1/runs/{id}/events');
    expect(Object.keys(responses['200']!.content!)).toEqual(['application/json', 'text/event-stream']);
    expect(responses['200']!.content!['application/json']!.schema['type']).toBe('object');
    expect(responses['200']!.content!['text/event-stream']).toEqual(EVENTS);
    expect(responses['410']).toMatchObject({ $ref: '#/components/responses/Gone' });
  });

  it.each(STARTS)('has a stream for who starts a run with POST %s, and nothing found', (path) => {
    const { responses } = operation('post', path);
    expect(Object.keys(responses['202']!.content!)).toEqual(['application/json']);
    expect(responses['200']!.content!['text/event-stream']).toEqual(EVENTS);
    expect(responses['404']!.description).toContain('no such');
    expect(responses['404']!.description).toContain('agent');
  });

  it('has a 412 exactly where If-Match is read', () => {
    const reading = operations.filter(([, { parameters }]) => parameters.some(({ name }) => name === 'If-Match'));
    const failing = operations.filter(([, { responses }]) => '412' in responses);
    expect(failing.map(([name]) => name)).toEqual(reading.map(([name]) => name));
    expect(reading.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'DELETE /api/v1/agents/{id}',
        'DELETE /api/v1/providers/{id}',
        'POST /api/v1/agents/{id}/versions',
        'POST /api/v1/agents/{id}/versions/{n}/publish',
        'POST /api/v1/agents/{id}/rollback',
      ]),
    );
  });

  it.each(['agents', 'providers', 'budgets'])('has the 304 of one of the %s for who has it already', (noun) => {
    const { parameters, responses } = operation('get', `/api/v1/${noun}/{id}`);
    expect(parameters).toContainEqual(
      expect.objectContaining({ name: 'If-None-Match', in: 'header', required: false }),
    );
    expect(responses['304']).toEqual({ description: expect.any(String) });
    expect(responses['200']).toHaveProperty('headers.ETag.schema', { type: 'string' });
  });

  it("has the 403 of what is the system administrator's, and the 409 of a provider that the operator configured", () => {
    for (const verb of ['enable', 'disable']) {
      expect(operation('post', `/api/v1/plugins/{id}/${verb}`).responses).toHaveProperty('403');
    }
    expect(operation('delete', '/api/v1/providers/{id}').responses['409']!.description).toContain('operator');
  });

  it.each(['/health', '/health/live', '/health/ready', '/health/startup', '/health/db', '/health/config', '/metrics'])(
    'describes what %s really answers',
    async (path) => {
      const answer = await house.get(path);
      const [type] = answer.headers.get('content-type')!.split(';');
      const { responses } = operation('get', path);
      const described = responses[answer.status]!;
      const { schema } = (kinds[described.$ref?.split('/').at(-1) ?? ''] ?? described).content![type!]!;
      const toRoot = JSON.stringify(schema).replaceAll('"#/', '"doc#/');
      const validate = ajv.compile(JSON.parse(toRoot) as object);
      const body: unknown = type === 'application/json' ? answer.body : answer.text;
      expect([validate(body), validate.errors]).toEqual([true, null]);
      expect(validate(type === 'application/json' ? {} : 7)).toBe(false);
    },
  );

  it('has a least and a most for every number that a request may hold', () => {
    const numbers = { a: { type: 'integer', minimum: 1 }, b: { $ref: '#/components/schemas/B' } };
    expect(boundless(numbers, { B: { type: 'number', maximum: 1 } }, '')).toEqual(['.a', '.b.B']);
    const faults = operations.flatMap(([name, { parameters, requestBody }]) => [
      ...boundless(requestBody, schemas, name),
      ...(parameters ?? []).flatMap(({ schema, name: parameter }) =>
        boundless(schema, schemas, `${name} ?${parameter}`),
      ),
    ]);
    expect(faults.filter((fault) => !fault.includes(ANYTHING))).toEqual([]);
  });

  it("has a tool's own failure, as that of what lies behind", () => {
    expect(operation('post', '/api/v1/tools/{id}/invoke').responses['502']).toEqual({
      $ref: '#/components/responses/BadGateway',
      description: 'The tool failed',
    });
  });
});
