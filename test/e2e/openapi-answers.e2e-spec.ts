import { type TestApp, startTestApp } from '@guildhall/testing';

interface Described {
  readonly name?: string;
  readonly in?: string;
  readonly required?: boolean;
  readonly $ref?: string;
}
interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: Readonly<Record<string, unknown>> }>>;
}
interface Operation {
  readonly parameters: readonly Described[];
  readonly responses: Readonly<Record<string, Answer>>;
}

const EVENTS = {
  schema: { type: 'string', description: expect.stringContaining('#/components/schemas/RunEventDto') },
};
const STARTS = ['/api/v1/runs', '/api/v1/threads/{id}/runs'];

describe('the OpenAPI document, of routes that answer in more than one way', () => {
  let house: TestApp;
  let operation: (method: 'get' | 'post', path: string) => Operation;

  beforeAll(async () => {
    house = await startTestApp();
    const { paths } = (await house.get('/openapi.json')).body;
    operation = (method, path) => paths[path][method];
  }, 60_000);
  afterAll(() => house.close());

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
    expect(responses['410']!.content!['application/json']!.schema).toEqual({ $ref: '#/components/schemas/Failure' });
  });

  it.each(STARTS)('has a stream for who starts a run with POST %s, and nothing found', (path) => {
    const { responses } = operation('post', path);
    expect(Object.keys(responses['202']!.content!)).toEqual(['application/json']);
    expect(responses['200']!.content!['text/event-stream']).toEqual(EVENTS);
    expect(responses['404']!.description).toContain('no such');
    expect(responses['404']!.description).toContain('agent');
  });

  it("has a tool's own failure, as that of what lies behind", () => {
    const { description, content } = operation('post', '/api/v1/tools/{id}/invoke').responses['502']!;
    expect(description).toBe('The tool failed');
    expect(content!['application/json']!.schema).toEqual({ $ref: '#/components/schemas/Failure' });
  });
});
