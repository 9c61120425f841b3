import { Pool } from 'undici';
import {
  FakeModel,
  type FakeModelRequest,
  type FakeReply,
  type ServerProcess,
  type TestDatabase,
  startServerProcess,
  testDatabase,
} from '@guildhall/testing';
import type { FuzzRequest } from './requests.js';
import type { FuzzAnswer } from './verdict.js';

const KEY = 'gh_dev_local';
const CALL = { name: 'calculator', arguments: { expression: '2 + 2' } };
const KEPT = 10;
const RESPONSES = '/openai/v1/responses';
const HANG_MS = 30_000;
/** A stream ends when its run does, which may be never. */
const STREAM_MS = 200;

/** A built server with objects of every kind in one tenant, and a model that answers at once. */
export class FuzzHouse {
  /** The newest ids that requests made, by the collection that they belong to. */
  private readonly ids = new Map<string, string[]>();
  private readonly pool: Pool;

  private constructor(
    readonly server: ServerProcess,
    private readonly model: FakeModel,
    private readonly database: TestDatabase | undefined,
  ) {
    // One for each that asks at once, and one for who watches.
    this.pool = new Pool(server.url, { connections: 9, headersTimeout: HANG_MS, bodyTimeout: HANG_MS });
  }

  static async start(): Promise<FuzzHouse> {
    const model = await FakeModel.start();
    model.otherwise(replyTo);
    const database = process.env['TEST_DATABASE_URL'] === undefined ? undefined : await testDatabase();
    const server = await startServerProcess({
      env: {
        DATABASE_URL: database?.url ?? 'pglite:memory',
        BOOTSTRAP_API_KEY: KEY,
        // As in production: the file of development asks for lines that people read.
        LOG_FORMAT: 'json',
        RUN_WORKERS: 'true',
        LOCAL_LLM_BASE_URL: model.baseUrl,
      },
    });
    return new FuzzHouse(server, model, database);
  }

  /** The answer, and how long it took; ids of what it made are known from then on. */
  async send({ method, path, headers, body }: FuzzRequest): Promise<FuzzAnswer & { readonly ms: number }> {
    const begun = performance.now();
    const answer = await this.pool.request({
      method: method as 'GET',
      path: this.withIds(path),
      headers: { authorization: `Bearer ${KEY}`, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? this.withIds(body) : body }),
    });
    const type = String(answer.headers['content-type'] ?? '').split(';')[0]!;
    if (type === 'text/event-stream') {
      const ms = performance.now() - begun;
      await answer.body.dump({ limit: 0, signal: AbortSignal.timeout(STREAM_MS) }).catch(() => undefined);
      return { status: answer.statusCode, type, text: '', ms };
    }
    const text = await answer.body.text();
    if (answer.statusCode === 201 || answer.statusCode === 202) this.learn(path, text);
    if (answer.statusCode === 200 && path === RESPONSES) this.keep('responses', (JSON.parse(text) as Made).id);
    return { status: answer.statusCode, type, text, ms: performance.now() - begun };
  }

  async close(): Promise<void> {
    await this.pool.destroy();
    await this.server.kill('SIGKILL');
    await this.model.stop();
    await this.database?.close();
  }

  /** Makes one of each kind, which the requests then speak of. */
  async furnish(): Promise<void> {
    const model = { provider: 'local', name: 'scripted' };
    await this.make('agents', { name: 'plain', model });
    const approvals = [{ tool: 'calculator', when: 'always' }];
    await this.make('agents', { name: 'asking', model, tools: ['calculator'], approvals });
    await this.make('threads', {});
    await this.make('collections', { name: 'handbook' });
    await this.make('collections/@collections/0/documents', { title: 'a', text: '# Returns\n\nWithin 30 days.' });
    await this.make('providers', {
      id: 'own',
      kind: 'openai-compatible',
      baseUrl: this.model.baseUrl,
      models: [{ name: 'm' }],
    });
    await this.make('api-keys', { name: 'small', scopes: ['runs:read'] });
    await this.make('tenants', { name: 'neighbour' });
    for (const at of [0, 1])
      await this.make('runs', { agentId: `@agents/${at}`, input: 'What is 2 + 2?' }, { prefer: 'wait=10' });
    for (const collection of ['tools', 'interrupts', 'jobs', 'plugins', 'workers', 'runs'])
      await this.learnAll(collection);
  }

  private async make(path: string, body: object, more: Readonly<Record<string, string>> = {}): Promise<void> {
    const headers = { 'content-type': 'application/json', ...more };
    const { status, text } = await this.send({
      method: 'POST',
      path: `/api/v1/${path}`,
      headers,
      body: JSON.stringify(body),
    });
    if (status >= 300) throw new Error(`POST ${path} was refused: ${status} ${text}`);
  }

  private async learnAll(collection: string): Promise<void> {
    const { text } = await this.send({ method: 'GET', path: `/api/v1/${collection}`, headers: {} });
    const { data } = JSON.parse(text) as { readonly data: readonly Made[] };
    this.ids.set(collection, data.map(({ id }) => id).slice(0, KEPT));
  }

  private learn(path: string, text: string): void {
    const collection = path.split('?')[0]!.split('/').at(-1)!;
    const { id } = (JSON.parse(text) as { readonly data: Made }).data;
    if (typeof id === 'string') this.keep(collection, id);
  }

  private keep(collection: string, id: string): void {
    this.ids.set(collection, [...(this.ids.get(collection) ?? []), id].slice(-KEPT));
  }

  private withIds(text: string): string {
    return text.replaceAll(/@([a-z-]+)\/(\d)/g, (placeholder, collection: string, at: string) => {
      const known = this.ids.get(collection) ?? [];
      return known[Number(at) % known.length] ?? encodeURIComponent(placeholder);
    });
  }
}

interface Made {
  readonly id: string;
}

const wantsTool = ({ body }: FakeModelRequest): boolean =>
  body.tools !== undefined && body.messages?.at(-1)?.role !== 'tool';

function replyTo(request: FakeModelRequest): FakeReply {
  if (request.path.endsWith('/embeddings')) return { embeddings: vectorsOf(request.body) };
  return wantsTool(request) ? { toolCalls: [CALL] } : { text: 'Four.' };
}

/** One for each text or list of tokens. */
function vectorsOf({ input, dimensions = 2 }: FakeModelRequest['body']): number[][] {
  const isOne = !Array.isArray(input) || typeof input[0] === 'number';
  const vector = Array<number>(Math.min(Number(dimensions), 256)).fill(0.5);
  return isOne ? [vector] : input.map(() => vector);
}
