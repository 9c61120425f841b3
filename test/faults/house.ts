import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FakeModel } from '../../libs/testing/src/fake-model.js';
import { type ServerProcess, startServerProcess } from '../../libs/testing/src/server-process.js';
import { type Answer, type RequestOptions, sendPatiently } from './client.js';
import { Ledger } from './ledger.js';
import { plannedModel } from './planned-model.js';
import { Postgres } from './postgres.js';
import type { Stage } from './stage.js';

export type App = 'api' | 'worker';

export interface HouseOptions {
  readonly apis?: number;
  readonly workers?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of one of its own. */
  readonly postgres?: Postgres;
  readonly redisUrl?: string;
}

/** Many processes may start at once on a machine that is busy already. */
export const READY_WITHIN_MS = 120_000;

const TOOLS = ['ledger.read', 'ledger.idempotent', 'ledger.unsafe', 'ledger.exit', 'ledger.block'];

/** Guildhall as it runs in production: processes of its own, a real database, a model and a world to change. */
export class House {
  readonly apis: ServerProcess[] = [];
  readonly workers: ServerProcess[] = [];
  private turn = 0;
  private closing = false;

  private constructor(
    readonly stage: Stage,
    readonly postgres: Postgres,
    readonly ledger: Ledger,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    stage.after(() => this.close());
  }

  static async open(stage: Stage, options: HouseOptions = {}): Promise<House> {
    const postgres = options.postgres ?? (await Postgres.start(stage));
    const ledger = await Ledger.open(stage);
    const model = await FakeModel.start();
    stage.after(() => model.stop());
    model.otherwise(plannedModel(ledger));
    const data = await mkdtemp(join(tmpdir(), 'guildhall-faults-'));
    stage.after(() => rm(data, { recursive: true, force: true }));
    const house = new House(stage, postgres, ledger, {
      DATABASE_URL: postgres.urlOf(),
      DATA_DIR: data,
      LOG_FORMAT: 'json',
      RUN_WORKERS: 'false',
      MAX_CONCURRENT_REQUESTS: '400',
      LOCAL_LLM_BASE_URL: model.baseUrl,
      PLUGINS: resolve('test/fixtures/plugins/ledger'),
      LEDGER_URL: ledger.url,
      ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
      ...options.env,
    });
    // The first alone: it migrates. The others then come together.
    const { apis = 1, workers = 1 } = options;
    await house.add('api');
    const rest: App[] = [...Array<App>(apis - 1).fill('api'), ...Array<App>(workers).fill('worker')];
    await Promise.all(rest.map((app) => house.add(app)));
    return house;
  }

  async add(app: App, env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const server = await startServerProcess({ app, env: { ...this.env, ...env }, readyWithinMs: READY_WITHIN_MS });
    const list = this.listOf(app);
    list.push(server);
    void server.exited.then((code) => {
      const place = list.indexOf(server);
      if (place < 0) return;
      list.splice(place, 1);
      if (!this.closing) this.stage.say(`a process ended by itself (${code}): ${server.output().slice(-2000)}`);
      this.unexpected.push(`a ${app} process ended by itself with ${code}`);
    });
    return server;
  }

  /** Ends of processes that nobody asked for. */
  readonly unexpected: string[] = [];

  /** Ends the process on purpose; no request is sent to it any more. */
  end(server: ServerProcess, signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    for (const list of [this.apis, this.workers]) {
      const place = list.indexOf(server);
      if (place >= 0) list.splice(place, 1);
    }
    return server.kill(signal);
  }

  /** An API process, each in turn. */
  url(path: string): string {
    const api = this.apis[this.turn++ % Math.max(1, this.apis.length)];
    // Between two processes there may be none: a port that nobody listens on.
    return `${api?.url ?? 'http://127.0.0.1:9'}${path}`;
  }

  request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    return sendPatiently(method, () => this.url(`/api/v1${path}`), options);
  }

  async get(path: string): Promise<Answer['body']> {
    const { status, body } = await this.request('GET', path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** All of a list: a page ends early where its items are long. Lists of events go on after the last one's `seq`. */
  async all<Item>(path: string): Promise<Item[]> {
    const items: Item[] = [];
    for (let from = ''; ;) {
      const { data, meta } = await this.get(`${path}?limit=100${from}`);
      items.push(...data);
      const { hasMore, nextCursor } = meta.pagination;
      if (!hasMore) return items;
      from = nextCursor === null ? `&after=${data.at(-1).seq}` : `&cursor=${nextCursor}`;
    }
  }

  /** An agent that may use every tool of the ledger. */
  async agent(fields: object = {}, key?: string): Promise<string> {
    const body = {
      name: `planned-${Math.random().toString(36).slice(2)}`,
      instructions: 'Follow the plan.',
      model: { provider: 'local', name: 'planned' },
      tools: TOOLS,
      ...fields,
    };
    const answer = await this.request('POST', '/agents', { body, ...(key === undefined ? {} : { key }) });
    if (answer.status !== 201) throw new Error(`The agent was refused: ${JSON.stringify(answer.body)}`);
    return answer.body.data.id as string;
  }

  private listOf(app: App): ServerProcess[] {
    return app === 'api' ? this.apis : this.workers;
  }

  private async close(): Promise<void> {
    this.closing = true;
    const all = [...this.apis.splice(0), ...this.workers.splice(0)];
    await Promise.all(all.map((server) => server.kill('SIGKILL')));
  }
}
