import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ServerProcess, type TestDatabase, startServerProcess, testDatabase } from '@guildhall/testing';
import { memoryCgroup } from './memory-cgroup.js';

/**
 * Processes with the heap of the image and the memory of a pod, under what takes most of it. What counts is that they
 * live and serve others meanwhile; how much they take is the kernel's to judge, and V8's. The embedded database lives in
 * the process and is not for pods: it has what it needs besides.
 */

const KEY = 'gh_dev_local';
const MIB = 1024 * 1024;
const PIECE = Buffer.alloc(MIB, 'all work and no play\n');
const POSTGRES = process.env['TEST_DATABASE_URL'] !== undefined;
const POD_BYTES = (POSTGRES ? 512 : 1536) * MIB;

/** Done, or too much for now; on a busy machine it may also take longer than a request may. */
const HONEST = [200, 202, 503, 504];

jest.setTimeout(900_000);

type Body = { readonly data: { readonly [field: string]: never } };

const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

const probed = memoryCgroup(POD_BYTES);
const limits = 'missing' in probed ? `its heap alone (${probed.missing})` : `${POD_BYTES / MIB} MiB and its heap`;
if ('remove' in probed) probed.remove();

describe(`a process that is limited by ${limits}, on ${POSTGRES ? 'Postgres' : 'the embedded database'}`, () => {
  const cgroups: { remove(): void }[] = [];
  let database: TestDatabase;
  let server: ServerProcess;
  let other: string;
  let runId: string;

  async function start(app: 'api' | 'worker', env: Record<string, string> = {}): Promise<ServerProcess> {
    const cgroup = memoryCgroup(POD_BYTES);
    if ('remove' in cgroup) cgroups.push(cgroup);
    return startServerProcess({
      app,
      readyWithinMs: 300_000,
      env: {
        NODE_OPTIONS: '--max-old-space-size=384',
        BOOTSTRAP_API_KEY: KEY,
        DATABASE_URL: database.url,
        ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
        ...env,
      },
      ...('folder' in cgroup ? { cgroup: cgroup.folder } : {}),
    });
  }

  const call = async (path: string, { key = KEY, body }: { key?: string; body?: object } = {}) => {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Body };
  };
  const make = async (path: string, body: object): Promise<string> => {
    const made = await call(path, { body });
    if (made.status >= 300) throw new Error(`POST ${path}: ${JSON.stringify(made.body)}`);
    return String(made.body.data['id']);
  };

  /** Lives, answers probes, and serves another tenant while `attack` is under way; what the attack's statuses were. */
  async function survives(attack: Promise<number>[]): Promise<Set<number>> {
    let under = true;
    const statuses = Promise.all(attack).finally(() => (under = false));
    const beside = new Set<number>();
    do {
      beside.add((await fetch(`${server.url}/health/live`)).status);
      // Short of memory it may ask to come again, and then it must get by.
      beside.add((await call('/threads', { key: other })).status);
    } while (under);
    for (const status of beside) expect(HONEST).toContain(status);
    while ((await call('/threads', { key: other })).status !== 200) await new Promise((go) => setTimeout(go, 100));
    return new Set(await statuses);
  }

  beforeAll(async () => {
    database = await testDatabase();
    server = await start('api', { RUN_WORKERS: 'false' });
    other = (await call('/tenants', { body: { name: 'other' } })).body.data['apiKey']!['key'];
    const agentId = await make('/agents', { name: 'clerk' });
    runId = await make('/runs', { agentId, input: { text: 'hi' } });
  });
  afterAll(async () => {
    await server?.kill('SIGTERM');
    for (const cgroup of cgroups) cgroup.remove();
    await database?.close();
  });

  it('outlives lists of the largest metadata', async () => {
    const metadata = { text: 'x'.repeat(16_000) };
    await Promise.all(times(100, () => call('/threads', { body: { metadata } })));
    const lists = times(20, async () => (await call('/threads?limit=100')).status);
    for (const status of await survives(lists)) expect(HONEST).toContain(status);
  });

  (POSTGRES ? describe : describe.skip)('with a pod beside it, or with much in its database', () => {
    it('outlives steps, events and messages of 1 MiB each, for readers that never read', async () => {
      const { source } = await database.connect();
      const fill = async (text: string) => source.query(text, [runId]);
      await fill(`INSERT INTO run_steps (run_id, key, tenant_id, id, kind, name, status, attempt, output, started_at, finished_at)
      SELECT r.id, n::text, tenant_id, 'step_' || n, 'tool', 'big', 'succeeded', 1,
        jsonb_build_object('content', repeat('x', 1000000)), now(), now()
      FROM runs r, generate_series(1, 100) n WHERE r.id = $1`);
      await fill(`INSERT INTO run_events (run_id, seq, tenant_id, type, payload, at)
      SELECT r.id, 1000 + n, tenant_id, 'message.delta', jsonb_build_object('text', repeat('x', 1000000)), now()
      FROM runs r, generate_series(1, 100) n WHERE r.id = $1`);
      await fill(`INSERT INTO messages (id, tenant_id, thread_id, turn, place, role, text, at)
      SELECT 'msg_' || n, tenant_id, thread_id, -n, 0, 'user', repeat('x', 1000000), now()
      FROM runs r, generate_series(1, 100) n WHERE r.id = $1`);
      const [{ thread_id: threadId }] = await source.query(`SELECT thread_id FROM runs WHERE id = $1`, [runId]);
      const pages = [`/runs/${runId}/steps?limit=100`, `/threads/${threadId}/messages?limit=100`, `/runs?limit=100`];
      const read = times(30, async (at) => (await call(pages[at % pages.length]!)).status);
      const gone = new AbortController();
      const streams = times(40, async () => {
        const headers = { authorization: `Bearer ${KEY}`, accept: 'text/event-stream' };
        return (await fetch(`${server.url}/api/v1/runs/${runId}/events`, { headers, signal: gone.signal })).status;
      });
      const statuses = await survives([...read, ...streams]);
      gone.abort();
      expect(statuses).toContain(200);
      for (const status of statuses) expect(HONEST).toContain(status);
    });

    it('outlives documents, as a worker, that take most when they are read', async () => {
      const id = await make('/collections', { name: 'nested' });
      // Millions of lists within one: a hundred times as much in memory as on the wire.
      const nested = (at: number) => Buffer.from(`[${at}${',[]'.repeat(4 * MIB)}]`);
      const worker = await start('worker');
      const documents = await Promise.all(
        times(4, async (at) => {
          const form = new FormData();
          form.append('file', new Blob([nested(at)], { type: 'application/json' }), `${at}.json`);
          const headers = { authorization: `Bearer ${KEY}` };
          const path = `${server.url}/api/v1/collections/${id}/documents`;
          const response = await fetch(path, { method: 'POST', headers, body: form });
          return String(((await response.json()) as Body).data['id']);
        }),
      );
      const settled = async (document: string): Promise<string> => {
        for (;;) {
          const { status } = (await call(`/documents/${document}`)).body.data;
          if (status === 'ready' || status === 'failed') return status;
          await Promise.race([new Promise((go) => setTimeout(go, 200)), worker.exited]);
        }
      };
      await Promise.race([Promise.all(documents.map(settled)), worker.exited]);
      // It ends when it is told to, and not before.
      expect(await worker.kill('SIGTERM')).toBe(0);
    });
  });

  it('outlives twelve uploads of 45 MiB at once, and takes them or says when to come again', async () => {
    const id = await make('/collections', { name: 'uploads' });
    const uploads = times(12, (at) => upload(`/api/v1/collections/${id}/documents`, `${at}.txt`));
    const statuses = await survives(uploads);
    expect(statuses).toContain(202);
    for (const status of statuses) expect(HONEST).toContain(status);
  });

  it('outlives sixty texts of 1 MiB at once', async () => {
    const id = await make('/collections', { name: 'texts' });
    const text = (at: number) => `${at} ${'word '.repeat(200_000)}`;
    const texts = times(60, async (at) => {
      const body = { title: 'a', text: text(at) };
      return (await call(`/collections/${id}/documents`, { body })).status;
    });
    for (const status of await survives(texts)) expect(HONEST).toContain(status);
  });

  /** 45 MiB of text, piece by piece: this process has its own memory to mind. */
  async function upload(path: string, name: string): Promise<number> {
    const head = `--x\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: text/plain\r\n\r\n${name}`;
    const tail = '\r\n--x--\r\n';
    const sent = request(`${server.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${KEY}`,
        'content-type': 'multipart/form-data; boundary=x',
        'content-length': head.length + 45 * MIB + tail.length,
      },
    });
    const answered = new Promise<number>((resolve, reject) => {
      sent.once('response', (response) => resolve((response.resume(), response.statusCode!)));
      sent.once('error', reject);
    });
    await Promise.all([answered, pipeline(Readable.from([head, ...times(45, () => PIECE), tail]), sent)]);
    return answered;
  }
});
