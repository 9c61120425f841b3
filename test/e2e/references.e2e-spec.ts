import { type TestTenant, testTenant } from '@guildhall/testing';

/** What a body names: by the look of its example an id, or by its field a provider or a tool. */
const IS_ID = /^(?!req_)[a-z]{3,4}_[0-9a-z]{26}$/;
const IS_NAMED = /(^|\.)(provider|tool|tools)$/;

interface Schema {
  readonly $ref?: string;
  readonly example?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}
interface Reference {
  readonly path: () => Promise<string>;
  readonly body: (name: string) => object;
  /** Makes one in another tenant; absent where names belong to nobody. */
  readonly foreign?: () => Promise<string>;
}

let house: TestTenant;
let found: string[];
let schemas: Readonly<Record<string, Schema>>;
let strangersKey: string;
let ownAgent: string;

beforeAll(async () => {
  house = await testTenant();
  strangersKey = await house.otherTenant('elsewhere');
  ownAgent = await make('/agents', agent);
  const { paths, components } = (await house.get('/openapi.json')).body;
  schemas = components.schemas;
  found = Object.entries(paths as Record<string, Record<string, { requestBody?: { content: object } }>>).flatMap(
    ([path, item]) =>
      Object.entries(item).flatMap(([method, { requestBody }]) => {
        const json = (requestBody?.content as Record<string, { schema: Schema }> | undefined)?.['application/json'];
        if (!json || !path.startsWith('/api/v1/')) return [];
        const name = `${method.toUpperCase()} ${path.slice('/api/v1'.length)}`;
        return referencesIn(json.schema).map((field) => `${name} ${field}`);
      }),
  );
});
afterAll(() => house?.close());

function referencesIn(schema: Schema, field = '', seen: readonly string[] = []): string[] {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1)!;
    return seen.includes(name) ? [] : referencesIn(schemas[name]!, field, [...seen, name]);
  }
  const isId = [schema.example].flat().some((one) => typeof one === 'string' && IS_ID.test(one));
  if (isId || IS_NAMED.test(field)) return [field];
  const { properties = {}, items, allOf = [], oneOf = [], anyOf = [] } = schema;
  return [
    ...Object.entries(properties).flatMap(([name, part]) =>
      referencesIn(part, field ? `${field}.${name}` : name, seen),
    ),
    ...(items ? referencesIn(items, `${field}[]`, seen) : []),
    ...[...allOf, ...oneOf, ...anyOf].flatMap((part) => referencesIn(part, field, seen)),
  ];
}

const make = async (path: string, body: object, key?: string): Promise<string> => {
  const answer = await house.post(`/api/v1${path}`, body, key === undefined ? {} : { key });
  expect({ path, status: answer.status }).toEqual({ path, status: 201 });
  return answer.body.data.id;
};
const agent = { name: 'refers' };
const at = (path: string) => () => Promise.resolve(path);
const ofAgent = async () => `/agents/${await make('/agents', agent)}`;
const ofThread = (rest: string) => async () => `/threads/${await make('/threads', {})}/${rest}`;
const foreignAgent = () => make('/agents', agent, strangersKey);
const foreignCollection = () => make('/collections', { name: 'Handbook' }, strangersKey);

/** The fields of a definition; of one that is only judged, the answer is a report. */
const definition = (route: string, path: () => Promise<string>): Record<string, Reference> => ({
  [`${route} knowledge[].collectionId`]: {
    path,
    body: (collectionId) => ({ ...agent, knowledge: [{ collectionId }] }),
    foreign: foreignCollection,
  },
  [`${route} tools`]: { path, body: (name) => ({ ...agent, tools: [name] }) },
  [`${route} approvals[].tool`]: { path, body: (tool) => ({ ...agent, approvals: [{ tool, when: 'always' }] }) },
  [`${route} model.provider`]: { path, body: (provider) => ({ ...agent, model: { provider, name: 'm' } }) },
});

const REFERENCES: Readonly<Record<string, Reference>> = {
  ...definition('POST /agents', at('/agents')),
  ...definition('POST /agents/validate', at('/agents/validate')),
  ...definition('PATCH /agents/{id}', ofAgent),
  'POST /budgets scopeId': {
    path: at('/budgets'),
    body: (scopeId) => ({ scope: 'agent', scopeId, period: 'day', limitMicroUsd: 1 }),
    foreign: foreignAgent,
  },
  'POST /runs agentId': { path: at('/runs'), body: (agentId) => ({ agentId, input: 'hi' }), foreign: foreignAgent },
  'POST /runs threadId': {
    path: at('/runs'),
    body: (threadId) => ({ agentId: ownAgent, threadId, input: 'hi' }),
    foreign: () => make('/threads', {}, strangersKey),
  },
  'POST /threads/{id}/runs agentId': {
    path: ofThread('runs'),
    body: (agentId) => ({ agentId, input: 'hi' }),
    foreign: foreignAgent,
  },
  'POST /threads/{id}/fork messageId': {
    path: ofThread('fork'),
    body: (messageId) => ({ messageId }),
    foreign: async () => {
      const thread = await make('/threads', {}, strangersKey);
      return make(`/threads/${thread}/messages`, { role: 'user', text: 'hi' }, strangersKey);
    },
  },
};

describe('what a body refers to', () => {
  it('has an entry here for every field of the OpenAPI document: a new one cannot be forgotten', () => {
    expect([...new Set(found)].toSorted()).toEqual(Object.keys(REFERENCES).toSorted());
  });

  it.each(Object.entries(REFERENCES))('%s must exist, and another tenant’s does not', async (route, reference) => {
    const path = `/api/v1${await reference.path()}`;
    const send = route.startsWith('PATCH') ? house.patch : house.post;
    const answerTo = async (name: string) => {
      const { status, body } = await send(path, reference.body(name));
      const codes = [body.error?.code, ...(body.data?.faults ?? []).map(({ code }: { code: string }) => code)];
      return {
        status,
        refused: codes.some((code) => /^(invalid_reference|[a-z]+_not_found)$/.test(code ?? '')),
        codes,
      };
    };
    const unknown = await answerTo('nobody');
    expect(unknown).toMatchObject({ refused: true });
    if (reference.foreign) expect(await answerTo(await reference.foreign())).toEqual(unknown);
  });
});
