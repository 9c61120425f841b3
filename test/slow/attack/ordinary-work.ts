import type { Tenant } from './tenants.js';

export interface Answered {
  readonly status: number;
  readonly ms: number;
}

/** What any tenant does, one after the other: a run that is waited for, a list, a query; until the signal. */
export async function ordinaryWork(tenant: Tenant, signal: AbortSignal): Promise<Answered[]> {
  const answers: Answered[] = [];
  const { agentId, collectionId } = tenant;
  while (!signal.aborted) {
    answers.push(await ask(tenant, 'runs', { agentId, input: 'How long may I return a parcel?' }));
    answers.push(await ask(tenant, 'agents'));
    answers.push(await ask(tenant, `collections/${collectionId}/query`, { query: 'return a parcel' }));
  }
  return answers;
}

async function ask({ url, key }: Tenant, path: string, body?: object): Promise<Answered> {
  const begun = performance.now();
  const response = await fetch(`${url}/api/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', prefer: 'wait=30' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return { status: response.status, ms: performance.now() - begun };
}

export const serverErrors = (answers: readonly Answered[]): number =>
  answers.filter(({ status }) => status >= 500).length;

export function p95(answers: readonly Answered[]): number {
  const sorted = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] ?? Number.NaN;
}
