// Concrete files: the script that measures has no Jest, which the rest of the library wants.
import { FakeModel } from '../../../libs/testing/src/fake-model.js';
import { type ServerProcess, startServerProcess } from '../../../libs/testing/src/server-process.js';

const SYSTEM_KEY = 'gh_dev_local';
/** What a vendor may say of one call, and none can mean. */
const ABSURD = { inputTokens: 9007199254740991, outputTokens: 9007199254740991 };

/** One tenant of a server, with an agent, a collection and a run that nobody works on. */
export interface Tenant {
  readonly url: string;
  readonly key: string;
  readonly agentId: string;
  readonly collectionId: string;
}

export interface Battlefield {
  readonly server: ServerProcess;
  /** Asks by a provider of its own, which lies about what it used. */
  readonly attacker: Tenant;
  readonly other: Tenant;
  close(): Promise<void>;
}

/** The built server with the heap of the image, and two tenants. */
export async function startBattlefield(databaseUrl: string): Promise<Battlefield> {
  const [honest, liar] = [await FakeModel.start(), await FakeModel.start()];
  honest.otherwise({ text: 'Within 30 days.' });
  liar.otherwise({ text: 'Within 30 days.', usage: ABSURD });
  const server = await startServerProcess({
    env: {
      NODE_OPTIONS: '--max-old-space-size=384',
      DATABASE_URL: databaseUrl,
      BOOTSTRAP_API_KEY: SYSTEM_KEY,
      RUN_WORKERS: 'true',
      LOCAL_LLM_BASE_URL: honest.baseUrl,
    },
  });
  const provider = { id: 'liar', kind: 'openai-compatible', baseUrl: liar.baseUrl, models: [{ name: 'm' }] };
  await post(server.url, SYSTEM_KEY, 'providers', provider);
  const { apiKey } = await post(server.url, SYSTEM_KEY, 'tenants', { name: 'other' });
  const close = async () => {
    await server.kill('SIGKILL');
    await Promise.all([honest.stop(), liar.stop()]);
  };
  const attacker = await furnish(server.url, SYSTEM_KEY, { provider: 'liar', name: 'm' });
  const other = await furnish(server.url, apiKey!.key, { provider: 'local', name: 'scripted' });
  return { server, attacker, other, close };
}

async function furnish(url: string, key: string, model: object): Promise<Tenant> {
  const agent = await post(url, key, 'agents', { name: 'agent', model });
  const collection = await post(url, key, 'collections', { name: 'handbook' });
  const text = '# Returns\n\nParcels may be returned within 30 days.';
  await post(url, key, `collections/${collection.id}/documents`, { title: 'Returns', text });
  return { url, key, agentId: agent.id, collectionId: collection.id };
}

async function post(url: string, key: string, path: string, body: object) {
  const response = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', prefer: 'wait=30' },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as {
    readonly data: { readonly id: string; readonly apiKey?: { readonly key: string } };
  };
  if (!response.ok) throw new Error(`POST ${path} was refused: ${response.status} ${JSON.stringify(answer)}`);
  return answer.data;
}
