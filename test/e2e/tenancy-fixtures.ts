import type { TestApp } from '@guildhall/testing';

/** Values for the parameters of a path template: `{ id: 'col_…', documentId: 'doc_…' }`. */
export type Params = Readonly<Record<string, string>>;

/** One tenant, acting by its administrator's key. */
export interface Tenant {
  readonly id: string;
  readonly keyId: string;
  readonly key: string;
  create(path: string, body: object): Promise<string>;
}

const API = '/api/v1';

export async function newTenant(house: TestApp, name: string): Promise<Tenant> {
  const { body } = await house.post(`${API}/tenants`, { name });
  const { id, apiKey } = body.data as { id: string; apiKey: { id: string; key: string } };
  const create = async (path: string, input: object): Promise<string> => {
    const answer = await house.post(`${API}${path}`, input, { key: apiKey.key });
    if (answer.status >= 300) throw new Error(`POST ${path} answered ${answer.status}: ${answer.text}`);
    return (answer.body as { data: { id: string } }).data.id;
  };
  return { id, keyId: apiKey.id, key: apiKey.key, create };
}

const collection = (of: Tenant) => of.create('/collections', { name: 'handbook' });
const document = async (of: Tenant) => {
  const id = await collection(of);
  return { id, documentId: await of.create(`/collections/${id}/documents`, { title: 'Returns', text: `of ${of.id}` }) };
};
const agent = (of: Tenant) => of.create('/agents', { name: 'support' });
const thread = (of: Tenant) => of.create('/threads', { title: 'Hello' });
let providers = 0;
const provider = (of: Tenant) => {
  const model = { name: 'small' };
  const id = `llm-${of.id.slice(-8)}-${++providers}`;
  return of.create('/providers', {
    id,
    kind: 'openai-compatible',
    baseUrl: 'https://llm.example.com/v1',
    models: [model],
  });
};
const run = async (of: Tenant) => of.create('/runs', { agentId: await agent(of), input: 'What is 2 + 2?' });

/**
 * Makes the object that a route's path names, one for each route prefix; the longest that fits counts. A route whose
 * path holds a parameter and that has no entry here fails the tenancy test: add how to make one.
 */
export const FACTORIES: Readonly<Record<string, (of: Tenant) => Promise<Params>>> = {
  '/agents/{id}': async (of) => ({ id: await agent(of) }),
  '/agents/{id}/versions/{n}': async (of) => ({ id: await agent(of), n: '1' }),
  '/api-keys/{id}': async (of) => ({ id: await of.create('/api-keys', { name: 'k', scopes: ['agents:read'] }) }),
  '/budgets/{id}': async (of) => ({
    id: await of.create('/budgets', { scope: 'tenant', period: 'day', limitMicroUsd: 1_000_000_000 }),
  }),
  '/collections/{id}': async (of) => ({ id: await collection(of) }),
  '/collections/{id}/documents/{documentId}': document,
  '/documents/{id}': async (of) => ({ id: (await document(of)).documentId }),
  '/providers/{id}': async (of) => ({ id: await provider(of) }),
  '/runs/{id}': async (of) => ({ id: await run(of) }),
  '/tenants/{id}': (of) => Promise.resolve({ id: of.id }),
  '/threads/{id}': async (of) => ({ id: await thread(of) }),
};

/** Catalogues that are the same for every tenant: their ids are slugs and belong to nobody. */
export const SHARED = ['/plugins/{id}', '/tools/{id}', '/workers/{id}', '/models/{id}'];

/**
 * Objects that the system makes, with nothing in the API that makes one at will: only unknown ids are tried. Their
 * tenants are kept apart by tests of their own.
 */
export const SYSTEM_MADE: Readonly<Record<string, string>> = {
  '/jobs/{id}': 'job_0199f3a2-7c1e-7d3a-9a55-3f1f6f1f2b10',
  '/interrupts/{id}': 'int_01jd3fz8r0tq4v7m2x9s5n6k8p',
};

/** What must be sent so that a request would be valid for an object of one's own. */
export const BODIES: Readonly<Record<string, object>> = {
  'POST /agents/{id}/rollback': { version: 1 },
  'POST /agents/{id}/versions': { note: 'again' },
  'PATCH /agents/{id}': { description: 'taken over' },
  'PATCH /budgets/{id}': { limitMicroUsd: 0 },
  'PATCH /collections/{id}': { metadata: { taken: 'over' } },
  'POST /collections/{id}/documents': { title: 'Smuggled in', text: 'x' },
  'PATCH /collections/{id}/documents/{documentId}': { metadata: { taken: 'over' } },
  'POST /collections/{id}/query': { query: 'returns' },
  'POST /interrupts/{id}/respond': { decision: 'approve' },
  'PATCH /providers/{id}': { priority: 9 },
  'PATCH /threads/{id}': { metadata: { taken: 'over' } },
  'POST /runs/{id}/resume': { decision: 'done' },
  'POST /threads/{id}/fork': { messageId: 'msg_01jd3fz8r0tq4v7m2x9s5n6k8p' },
  'POST /threads/{id}/messages': { role: 'user', text: 'Smuggled in' },
  'POST /threads/{id}/runs': { agentId: 'agt_01jd3fz8r0tq4v7m2x9s5n6k8p', input: 'hi' },
  'POST /threads/{id}/search': { query: 'returns' },
  'POST /tools/{id}/invoke': { input: {} },
  'POST /workers/{id}/invoke': { input: {} },
};
