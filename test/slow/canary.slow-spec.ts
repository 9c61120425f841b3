import {
  ANTHROPIC_WIRE,
  type FakeModel,
  GOOGLE_WIRE,
  OPENAI_WIRE,
  type ServerProcess,
  type TestDatabase,
  freePort,
  spawnServerProcess,
  startServerProcess,
  testDatabase,
} from '@guildhall/testing';
import { ECHOES, startEchoingVendor, wish } from './canary/echoing-vendor.js';
import { SECRETS, secretsIn } from './canary/secrets.js';
import { everyKey, everyRow, redisUser } from './canary/sinks.js';
import { VENDOR_FAULTS } from './chaos/vendor-faults.js';

const { TEST_DATABASE_URL, TEST_REDIS_URL } = process.env;
const onServers = TEST_DATABASE_URL === undefined || TEST_REDIS_URL === undefined ? describe.skip : describe;

const LIMIT_MS = 60_000;
const AT_ONCE = 64;
const TIMEOUTS = { firstTokenMs: 500, betweenTokensMs: 500, totalMs: 1000 };
/** These take the whole of the time a vendor has: the environment's have long. */
const SILENT = ['no first byte', 'stall in the middle'];
/** Floods are about memory, not about secrets. */
const FAULTS = VENDOR_FAULTS.filter(({ name, isHeavy }) => !isHeavy && !SILENT.includes(name));
const WISHES = [...Object.keys(ECHOES), ...FAULTS.map(({ name }) => name)];
const STORED = ['stored', 'word'] as const;
const VENDORS = ['groq', 'together', 'huggingface', 'openai', 'anthropic', 'google', ...STORED];

jest.setTimeout(150_000);

const fail = (text: string): never => {
  throw new Error(text);
};

onServers('a secret', () => {
  let database: TestDatabase;
  let server: ServerProcess;
  let databaseUrl: string;
  const vendors: FakeModel[] = [];
  /** Every answer, head and body. */
  const answers: string[] = [];
  const statuses = new Map<number, number>();

  const send = async (method: string, path: string, body?: unknown, more: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${SECRETS.bootstrap}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...more,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(LIMIT_MS),
    }).catch((error: unknown) => fail(`${method} ${path} ${JSON.stringify(body)} ${String(error)}`));
    const text = await response.text();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    answers.push(`${method} ${path.split('?')[0]}\n${JSON.stringify([...response.headers])}\n${text}`);
    const data = () => JSON.parse(text).data ?? fail(text);
    return { status: response.status, text, data };
  };

  beforeAll(async () => {
    database = await testDatabase();
    const withPassword = new URL(database.url);
    withPassword.password = SECRETS.database;
    databaseUrl = withPassword.href;
    const start = async (wire = OPENAI_WIRE) => {
      const vendor = await startEchoingVendor(wire);
      vendors.push(vendor);
      return vendor.baseUrl;
    };
    const openai = await start();
    server = await startServerProcess({
      env: {
        LOG_LEVEL: 'debug',
        DATABASE_URL: databaseUrl,
        REDIS_URL: await redisUser(TEST_REDIS_URL!, SECRETS.redis),
        RUN_WORKERS: 'true',
        BOOTSTRAP_API_KEY: SECRETS.bootstrap,
        ENCRYPTION_KEY: SECRETS.encryption,
        BREAKER_FAILURES: '100000',
        MAX_CONCURRENT_REQUESTS: '1000',
        GROQ_API_KEY: SECRETS.groq,
        GROQ_BASE_URL: openai,
        TOGETHER_API_KEY: SECRETS.together,
        TOGETHER_BASE_URL: openai,
        HF_TOKEN: SECRETS.huggingface,
        HF_BASE_URL: openai.replace('//', `//user:${SECRETS.userinfo}@`),
        OPENAI_API_KEY: SECRETS.openai,
        OPENAI_BASE_URL: openai,
        ANTHROPIC_API_KEY: SECRETS.anthropic,
        ANTHROPIC_BASE_URL: await start(ANTHROPIC_WIRE),
        GOOGLE_API_KEY: SECRETS.google,
        GOOGLE_BASE_URL: await start(GOOGLE_WIRE),
        LOCAL_LLM_BASE_URL: openai,
      },
    });
    await configure(openai);
    await provoke();
    await lookEverywhere();
  });
  afterAll(async () => {
    await server?.kill('SIGKILL');
    await Promise.all(vendors.map((vendor) => vendor.stop()));
    await database?.close();
  });

  async function configure(baseUrl: string): Promise<void> {
    const provider = { kind: 'openai-compatible', baseUrl, models: [{ name: 'm' }], timeouts: TIMEOUTS };
    const closed = await freePort();
    for (const id of STORED) {
      await send('POST', '/api/v1/providers', { ...provider, id, apiKey: SECRETS[id] }, { 'idempotency-key': id });
    }
    for (const [id, address] of Object.entries({
      refused: `http://127.0.0.1:${closed}/v1`,
      nowhere: 'http://vendor.invalid/v1',
      tls: baseUrl.replace('http:', 'https:'),
    })) {
      await send('POST', '/api/v1/providers', { ...provider, id, baseUrl: address, apiKey: SECRETS.stored });
    }
    for (const wrong of [
      { id: 'x', apiKey: SECRETS.rejected, unknown: SECRETS.rejected },
      { ...provider, id: 'x', apiKey: `${SECRETS.rejected} with blanks` },
      { ...provider, id: 'stored', apiKey: SECRETS.rejected },
      { ...provider, id: 'x', kind: 'nobodys', apiKey: SECRETS.rejected },
      { ...provider, id: 'x', baseUrl: 'http://169.254.169.254/v1', apiKey: SECRETS.rejected },
      { ...provider, id: 'x', baseUrl: baseUrl.replace('//', `//user:${SECRETS.userinfo}@`) },
    ]) {
      expect((await send('POST', '/api/v1/providers', wrong)).status).toBeGreaterThanOrEqual(400);
    }
  }

  /** Every vendor fails in every way, for every kind of client. */
  async function provoke(): Promise<void> {
    const agents = new Map<string, string>();
    for (const id of VENDORS) {
      const body = {
        name: `asks-${id}`,
        instructions: 'Answer.',
        tools: ['calculator'],
        model: { provider: id, name: 'm' },
      };
      agents.set(id, (await send('POST', '/api/v1/agents', body)).data().id);
    }
    const everyone = (await send('POST', '/api/v1/agents', { name: 'everyone', instructions: 'Answer.' })).data().id;
    const asking = (name: string, id: string, index: number) => [
      () => chat(id, name, false),
      () => chat(id, name, true),
      () => run(agents.get(id)!, name, index % 2 === 0 ? { prefer: 'wait=50' } : { accept: 'text/event-stream' }),
    ];
    const tasks = WISHES.flatMap((name) => VENDORS.flatMap((id, index) => asking(name, id, index)));
    tasks.push(...SILENT.flatMap((name) => STORED.flatMap((id, index) => asking(name, id, index))));
    // One vendor after the other, so that the reasons of all stand in one answer.
    tasks.push(
      ...WISHES.flatMap((name) => [
        () => chat(undefined, name, false),
        () => run(everyone, name, { prefer: 'wait=50' }),
      ]),
    );
    for (const id of VENDORS) {
      for (const name of WISHES) {
        const body = { model: `${id}/m`, input: wish(name), voice: 'alloy' };
        tasks.push(() => send('POST', '/openai/v1/audio/speech', body));
      }
    }
    const others = ['refused', 'nowhere', 'tls', 'local'];
    tasks.push(...others.flatMap((id) => [false, true].map((stream) => () => chat(id, 'a 401', stream))));
    tasks.push(...[...VENDORS, ...others].map((id) => () => send('POST', `/api/v1/providers/${id}/test`, {})));
    tasks.push(() => send('POST', '/openai/v1/embeddings', { model: 'openai/m', input: 'Hi' }));
    tasks.push(() => send('POST', '/openai/v1/responses', { model: 'openai/m', input: wish('a 401') }));
    tasks.push(() => send('GET', '/api/v1/providers', undefined, { authorization: `Bearer ${SECRETS.rejected}` }));
    tasks.push(() => send('GET', `/api/v1/providers?apiKey=${SECRETS.query}&limit=${SECRETS.query}`));
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let task = tasks.pop(); task; task = tasks.pop()) await task();
      }),
    );
  }

  function chat(provider: string | undefined, name: string, stream: boolean) {
    const messages = [{ role: 'user', content: wish(name) }];
    const model = provider === undefined ? 'default' : `${provider}/m`;
    return send('POST', '/openai/v1/chat/completions', { model, messages, stream });
  }

  async function run(agentId: string, name: string, headers: Readonly<Record<string, string>>): Promise<void> {
    await send('POST', '/api/v1/runs', { agentId, input: wish(name) }, headers);
  }

  async function lookEverywhere(): Promise<void> {
    const lists = [
      'providers',
      'providers/ranking',
      'models',
      'plugins',
      'agents',
      'threads',
      'usage',
      'audit',
      'jobs',
      'tools',
    ];
    for (const list of lists) await send('GET', `/api/v1/${list}?limit=100`);
    for (const id of VENDORS) await send('GET', `/api/v1/providers/${id}`);
    for (const path of ['live', 'ready', 'startup', '', 'db', 'config']) await send('GET', `/health/${path}`);
    for (const path of ['/metrics', '/openai/v1/models', '/docs', '/docs-json', '/api/docs', '/api/v1/openapi.json']) {
      await send('GET', path);
    }
    const runs: { id: string }[] = (await send('GET', '/api/v1/runs?limit=100')).data();
    for (const { id } of runs) {
      for (const part of ['', '/events?limit=1000', '/steps?limit=100', '/usage']) {
        await send('GET', `/api/v1/runs/${id}${part}`);
      }
    }
  }

  it('is in no answer, whatever the vendor does with it', () => {
    process.stdout.write(`${answers.length} answers: ${JSON.stringify([...statuses])}\n`);
    expect(answers.length).toBeGreaterThan(1000);
    expect(answers.flatMap((answer) => secretsIn(answer).map((found) => `${answer.slice(0, 60)} ${found}`))).toEqual(
      [],
    );
  });

  it('was with every vendor', () => {
    const sent = JSON.stringify(vendors.flatMap(({ requests }) => requests.map(({ headers }) => headers)));
    for (const id of VENDORS) expect(sent).toContain(SECRETS[id as keyof typeof SECRETS]);
  });

  it('makes no server error of its own', () => {
    expect(statuses.get(500)).toBeUndefined();
  });

  it('is in no table', async () => {
    const tables = await everyRow(databaseUrl);
    expect(tables['public.model_providers']).toContain('stored');
    expect(
      Object.entries(tables).flatMap(([name, rows]) => secretsIn(rows).map((found) => `${name} ${found}`)),
    ).toEqual([]);
  });

  it('is in no key of Redis', async () => {
    const text = await everyKey(TEST_REDIS_URL!);
    expect(secretsIn(text)).toEqual([]);
  });

  it('is in no line of the log, to the end of the process', async () => {
    await server.kill('SIGTERM');
    const lines = server.output().split('\n');
    expect(lines.length).toBeGreaterThan(500);
    expect(lines.flatMap(secretsIn)).toEqual([]);
  });

  it('is in no word of a start that fails', async () => {
    const faults: readonly Record<string, string>[] = [
      { DATABASE_URL: `postgres://u:${SECRETS.database}@` },
      { DATABASE_URL: `postgres://u:${SECRETS.database}@127.0.0.1:1/none` },
      { ENCRYPTION_KEY: `${SECRETS.encryption}aaaa` },
      { REDIS_URL: `redis//u:${SECRETS.redis}@` },
    ];
    const starts = faults.map(async (env) => {
      const failing = await spawnServerProcess({ env: { DATABASE_URL: 'pglite:memory', LOG_LEVEL: 'debug', ...env } });
      expect(await failing.exited).not.toBe(0);
      expect(secretsIn(failing.output())).toEqual([]);
    });
    await Promise.all(starts);
  });
});
