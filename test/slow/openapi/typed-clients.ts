/** A program on the types of `openapi-typescript`, as a user writes it: it compiles, and does what it says. */
export const OPENAPI_FETCH_PROGRAM = `
import createClient from 'openapi-fetch';
import type { components, paths } from './generated.js';

type Schemas = components['schemas'];
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const [baseUrl, key] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: baseUrl!, headers: { authorization: \`Bearer \${key}\` } });

const collection = await client.POST('/api/v1/collections', { body: { name: 'Handbook' } });
if (collection.error) throw new Error(collection.error.error.message);
const language: string = collection.data.data.language;

const definition: Schemas['CreateAgentDto'] = { name: 'typed', tools: ['calculator'], limits: { maxSteps: 5 } };
const agent = await client.POST('/api/v1/agents', { body: definition });
if (agent.error) throw new Error(agent.error.error.message);
const { id: agentId, kind, archivedAt, type } = agent.data.data;
const texts: [string, string | null] = [kind, archivedAt];
const isNullableEnum: Same<typeof type, 'customer_support' | null> extends true ? never : string | null = type;

const input: Schemas['StartRunDto']['input'] = 'What is 15% of 240?';
const started = await client.POST('/api/v1/runs', { body: { agentId, input: { data: { of: 240 }, text: input } } });
const failure: Same<NonNullable<typeof started.error>, Schemas['Failure']> = true;

const missing = await client.GET('/api/v1/runs/{id}', { params: { path: { id: 'run_none' } } });
const sameFailure: Same<NonNullable<typeof missing.error>, Schemas['Failure']> = true;
const query = { status: 'succeeded', userId: 'ann' } as const;
const runs = await client.GET('/api/v1/runs', { params: { query } });
const next: string | null | undefined = runs.data?.meta.pagination.nextCursor;
const output: string | undefined = runs.data?.data[0]?.output?.text;
const provider: Schemas['UpdateProviderDto'] = { apiKey: null, timeouts: { connectMs: 1 } };
const budget: Schemas['CreateBudgetDto'] = { scope: 'tenant', period: 'day', limitMicroUsd: 1 };
void [texts, isNullableEnum, failure, sameFailure, next, output, provider, budget];
process.stdout.write([language, missing.error?.error.code, started.response.status].join(' '));
`;

/** The same on the SDK of \`@hey-api/openapi-ts\`. */
export const HEY_API_PROGRAM = `
import { client } from './generated/client.gen.js';
import { createAgent, createCollection, getRun, listRuns, startRun } from './generated/index.js';
import type { CreateBudgetDto, Failure, UpdateProviderDto } from './generated/index.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const [baseUrl, key] = process.argv.slice(2);
client.setConfig({ baseUrl: baseUrl!, auth: () => key });

const collection = await createCollection({ body: { name: 'Handbook' } });
if (collection.error) throw new Error(collection.error.error.message);
const language: string = collection.data.data.language;

const agent = await createAgent({ body: { name: 'typed', tools: ['calculator'], limits: { maxSteps: 5 } } });
if (agent.error) throw new Error(agent.error.error.message);
const { id: agentId, kind, archivedAt } = agent.data.data;
const texts: [string, string | null] = [kind, archivedAt];

const started = await startRun({ body: { agentId, input: { data: { of: 240 }, text: 'What is 15% of 240?' } } });
const failure: Same<NonNullable<typeof started.error>, Failure> = true;
const missing = await getRun({ path: { id: 'run_none' } });
const sameFailure: Same<NonNullable<typeof missing.error>, Failure> = true;
const runs = await listRuns({ query: { status: 'succeeded', userId: 'ann' } });
const next: string | null | undefined = runs.data?.meta.pagination.nextCursor;
const provider: UpdateProviderDto = { apiKey: null, timeouts: { connectMs: 1 } };
const budget: CreateBudgetDto = { scope: 'tenant', period: 'day', limitMicroUsd: 1 };
void [texts, failure, sameFailure, next, provider, budget];
process.stdout.write([language, missing.error?.error.code, started.response?.status].join(' '));
`;
