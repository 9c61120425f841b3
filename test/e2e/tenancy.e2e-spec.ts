import { type TestApp, type TestResponse, startTestApp } from '@guildhall/testing';
import { BODIES, FACTORIES, type Params, SHARED, SYSTEM_MADE, type Tenant, newTenant } from './tenancy-fixtures.js';

/** All that answers without a key. */
const PUBLIC = ['GET /health/live', 'GET /health/ready', 'GET /health/startup'];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const API = '/api/v1';

interface Route {
  readonly name: string;
  readonly method: string;
  /** Without `/api/v1`. */
  readonly template: string;
  readonly path: string;
}

let house: TestApp;
let routes: readonly Route[];
let alice: Tenant;
let bob: Tenant;

beforeAll(async () => {
  house = await startTestApp();
  [alice, bob] = [await newTenant(house, 'Alice'), await newTenant(house, 'Bob')];
  const { body } = await house.get('/openapi.json');
  routes = Object.entries((body as { paths: Record<string, object> }).paths).flatMap(([path, item]) =>
    Object.keys(item)
      .map((method) => method.toUpperCase())
      .filter((method) => METHODS.includes(method))
      .map((method) => {
        const template = path.replace(/^\/api\/v1(?=\/)/, '');
        return { name: `${method} ${template}`, method, template, path };
      }),
  );
});
afterAll(() => house.close());

const isParameterised = ({ template }: Route) => template.includes('{');
const under = (template: string) => (prefix: string) => template === prefix || template.startsWith(`${prefix}/`);
const longest = (prefixes: readonly string[]) => prefixes.toSorted((a, b) => b.length - a.length)[0];
const factoryOf = ({ template }: Route) => longest(Object.keys(FACTORIES).filter(under(template)));
const isShared = ({ template }: Route) => SHARED.some(under(template));
const systemMadeOf = ({ template }: Route) => Object.keys(SYSTEM_MADE).find(under(template));

function send(route: Route, params: Params, key: string | null): Promise<TestResponse> {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? `{${name}}`);
  const request = { key };
  if (route.method === 'GET') return house.get(path, request);
  if (route.method === 'DELETE') return house.delete(path, request);
  const call = { POST: house.post, PUT: house.put, PATCH: house.patch }[route.method]!;
  return call(path, BODIES[route.name], request);
}

/** The failure without what names this one request: the id that was asked for, request id, trace, time. */
function shapeOf({ status, body }: TestResponse, params: Params): object {
  let text = JSON.stringify((body as { error?: object } | undefined)?.error ?? null);
  for (const [name, id] of Object.entries(params)) text = text.replaceAll(id, `<${name}>`);
  return { status, error: JSON.parse(text) as object };
}

/** An id of the same kind that nobody has. */
const unknownLike = (id: string) => `${id.slice(0, -4)}${id.endsWith('0000') ? '1111' : '0000'}`;
/** Everything but the number of a version. */
const isId = (value: string) => !/^\d+$/.test(value);

describe('the routes of the OpenAPI document', () => {
  it('are all here: there is something to test', () => {
    expect(routes.length).toBeGreaterThan(20);
    expect(routes.some(({ name }) => name === 'DELETE /agents/{id}')).toBe(true);
  });

  it('each have a factory for the ids in their path: a new route cannot be forgotten', () => {
    const uncovered = routes
      .filter(isParameterised)
      .filter((route) => !factoryOf(route) && !isShared(route) && !systemMadeOf(route));
    expect(uncovered.map(({ name }) => name)).toEqual([]);
  });

  it('name every parameter that their factory makes', async () => {
    for (const route of routes.filter(isParameterised)) {
      const prefix = factoryOf(route);
      if (prefix === undefined) continue;
      const names = [...route.template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const made = [...prefix.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect({ route: route.name, names }).toEqual({ route: route.name, names: made });
    }
  });
});

describe('without a key', () => {
  it('every route answers 401 in the same words, except the public ones', async () => {
    const words = new Set<string>();
    for (const route of routes) {
      const params = Object.fromEntries([...route.template.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name!, 'x']));
      for (const key of [null, 'gh_key_01jd3fz8r0tq4v7m2x9s5n6k8p_k4t0v9q2m7x3c8b1n6z5s0d4f7g2h9j3p6r1w8y5']) {
        const answer = await send(route, params, key);
        const expected = PUBLIC.includes(route.name) ? [200, 503] : [401];
        expect({ route: route.name, status: expected.includes(answer.status) ? expected : answer.status }).toEqual({
          route: route.name,
          status: expected,
        });
        if (answer.status === 401) words.add(JSON.stringify(shapeOf(answer, {})));
      }
    }
    expect([...words]).toEqual([expect.stringContaining('"unauthenticated"')]);
  });
});

describe("another tenant's id", () => {
  it('answers on every route exactly as an unknown one does: 404', async () => {
    for (const route of routes.filter((each) => isParameterised(each) && factoryOf(each))) {
      const make = FACTORIES[factoryOf(route)!]!;
      const [hers, his] = [await make(alice), await make(bob)];
      for (const name of Object.keys(hers).filter((each) => isId(hers[each]!))) {
        // The one foreign id among one's own, and all of them foreign.
        for (const foreign of [{ ...his, [name]: hers[name]! }, hers]) {
          const unknown = { ...foreign, [name]: unknownLike(hers[name]!) };
          const [other, nobodys] = [await send(route, foreign, bob.key), await send(route, unknown, bob.key)];
          expect({ route: route.name, status: other.status }).toEqual({ route: route.name, status: 404 });
          expect((other.body as { error: object }).error).toMatchObject({ code: expect.stringMatching(/_not_found$/) });
          if (foreign !== hers || Object.keys(hers).length === 1) {
            expect(shapeOf(other, foreign)).toEqual(shapeOf(nobodys, unknown));
          }
        }
      }
    }
  });

  it('leaves the object as it was, whatever was tried', async () => {
    for (const route of routes.filter((each) => each.method === 'GET' && each.template in FACTORIES)) {
      const params = await FACTORIES[route.template]!(alice);
      const settled = async () => {
        let answer = await send(route, params, alice.key);
        const deadline = Date.now() + 10_000;
        while (/"status":"(queued|processing|running)"/.test(answer.text) && Date.now() < deadline) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          answer = await send(route, params, alice.key);
        }
        return answer;
      };
      const before = await settled();
      expect({ route: route.name, status: before.status }).toEqual({ route: route.name, status: 200 });
      for (const attack of routes.filter(({ template }) => under(template)(route.template))) {
        await send(attack, params, bob.key);
      }
      const after = await settled();
      expect(JSON.stringify((after.body as { data: object }).data)).toBe(
        JSON.stringify((before.body as { data: object }).data),
      );
    }
  });

  it('is in no list but those of its own tenant', async () => {
    const made: string[] = [];
    for (const [prefix, make] of Object.entries(FACTORIES)) {
      if (routes.some(({ template }) => under(template)(prefix)))
        made.push(...Object.values(await make(alice)).filter(isId));
    }
    for (const route of routes.filter((each) => each.method === 'GET' && !isParameterised(each))) {
      const { text } = await send(route, {}, bob.key);
      expect({ route: route.name, leaked: made.filter((id) => text.includes(id)) }).toEqual({
        route: route.name,
        leaked: [],
      });
    }
  });
});

describe('an id that is none', () => {
  it.each([
    'null',
    '-1',
    '9223372036854775808',
    'x'.repeat(300),
    '%27%20OR%201%3D1--',
    '%2e%2e%2f%2e%2e',
    'a%2Fb',
    'a%5Cb',
    '%F0%9F%98%80',
    '%E2%80%AE',
    '%00',
    '[object%20Object]',
    'AGT_01JD3FZ8R0TQ4V7M2X9S5N6K8P',
  ])('%s is refused by every route', async (id) => {
    for (const route of routes.filter((each) => isParameterised(each))) {
      const params = Object.fromEntries([...route.template.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name!, id]));
      const { status } = await send(route, params, bob.key);
      expect({ route: route.name, refused: [400, 403, 404].includes(status) || status }).toEqual({
        route: route.name,
        refused: true,
      });
    }
  });

  it('of what the system makes is unknown', async () => {
    for (const route of routes.filter((each) => systemMadeOf(each))) {
      const { status } = await send(route, { id: SYSTEM_MADE[systemMadeOf(route)!]! }, bob.key);
      expect({ route: route.name, status }).toEqual({ route: route.name, status: 404 });
    }
  });
});

describe("another tenant's id inside a body", () => {
  const refusal = async (path: string, body: object) => {
    const { status } = await house.post(`${API}${path}`, body, { key: bob.key });
    return { path, refused: [400, 404, 422].includes(status) || status };
  };

  it('is refused, and nothing is made', async () => {
    const collectionId = (await FACTORIES['/collections/{id}']!(alice))['id'];
    const body = { name: 'thief', knowledge: [{ collectionId }] };
    expect(await refusal('/agents', body)).toEqual({ path: '/agents', refused: true });
    const { body: list } = await house.get(`${API}/agents?limit=100`, { key: bob.key });
    expect(JSON.stringify(list)).not.toContain('thief');
  });

  it('cannot be smuggled in as a field', async () => {
    for (const field of ['tenantId', 'tenant_id', 'id', 'createdAt', 'isAdmin', 'role', 'createdBy']) {
      const body = { name: 'k', scopes: ['agents:read'], [field]: alice.id };
      expect(await refusal('/api-keys', body)).toEqual({ path: '/api-keys', refused: true });
    }
  });
});
