import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnServerProcess, startServerProcess, testDatabase } from '@guildhall/testing';

const KEY = 'gh_dev_local';
const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'guildhall-process-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const send = async (method: string, url: string, path: string, body: unknown) => {
  const response = await fetch(`${url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as { data: { id: string } } };
};
const post = (url: string, path: string, body: unknown) => send('POST', url, path, body);

describe('the server as an operator runs it', () => {
  jest.setTimeout(180_000);

  it('reads a secret from the file that NAME_FILE points to', async () => {
    const file = join(directory, 'key');
    await writeFile(file, 'gh_from_a_file_0123456789\n');
    const server = await startServerProcess({
      env: { DATA_DIR: join(directory, 'data'), BOOTSTRAP_API_KEY_FILE: file },
    });
    const answer = await fetch(`${server.url}/api/v1/agents`, {
      headers: { authorization: 'Bearer gh_from_a_file_0123456789' },
    });
    await server.kill('SIGTERM');
    expect(answer.status).toBe(200);
  });

  it('refuses a data folder that another process uses, in one clear sentence, and ends cleanly on SIGTERM', async () => {
    const first = await startServerProcess({ env: { DATA_DIR: directory } });
    const second = await spawnServerProcess({ env: { DATA_DIR: directory } });
    expect(await second.exited).not.toBe(0);
    expect(second.output()).toMatch(/data folder .* is in use/i);
    expect(second.output()).not.toMatch(/\n\s+at /);
    expect(await first.kill('SIGTERM')).toBe(0);
  });

  it('answers what a command cannot do in one line, without a stack or a colour', async () => {
    const { PATH } = process.env;
    const guildhall = (line: string, env: Record<string, string> = {}) => {
      const child = spawnSync(process.execPath, ['dist/apps/cli/apps/cli/src/main.js', ...line.split(' ')], {
        env: { PATH, DATA_DIR: join(directory, 'data'), ...env },
        encoding: 'utf8',
      });
      return { status: child.status, said: `${child.stdout}${child.stderr}`.trimEnd() };
    };
    expect(guildhall('migrate')).toMatchObject({ status: 0, said: expect.stringContaining('migrations applied') });
    expect(guildhall('keys create --name a --tenant nope')).toEqual({
      status: 1,
      said: "guildhall keys create: No tenant with id 'nope'",
    });
    const unreachable = { DATABASE_URL: 'postgres://app:hunter2@127.0.0.1:1/guildhall' };
    for (const command of ['migrate', 'keys create --name a']) {
      const { status, said } = guildhall(command, unreachable);
      expect({ status, lines: said.split('\n') }).toEqual({
        status: 1,
        lines: [expect.stringMatching(/PostgreSQL at 127.0.0.1:1\/guildhall cannot be reached/)],
      });
      expect(said).not.toContain('hunter2');
      expect(said).not.toContain('\u001b');
    }
    const folder = guildhall('migrate', { DATA_DIR: '/dev/null' });
    expect(folder).toMatchObject({ status: 78, said: expect.stringContaining("DATA_DIR: '/dev/null' is no folder") });
  });

  it('tells all that is wrong with a start at once, before it opens anything', async () => {
    const data = join(directory, 'data');
    await writeFile(data, '');
    const env = { DATA_DIR: data, HOST: '192.0.2.1', PLUGINS: 'no-such-plugin' };
    const server = await spawnServerProcess({ env });
    expect(await server.exited).toBe(78);
    expect(server.output().trimEnd().split('\n')).toEqual([
      'Guildhall cannot start: 3 settings are wrong',
      expect.stringContaining("  PLUGINS[no-such-plugin]: No package or folder 'no-such-plugin'"),
      expect.stringContaining(`  DATA_DIR: '${data}' is no folder to write to`),
      expect.stringContaining("  HOST: '192.0.2.1' is no address of this machine"),
    ]);
  });

  it('starts beside a Service of its own name', async () => {
    const links = { GUILDHALL_SERVICE_HOST: '10.0.0.7', GUILDHALL_PORT: 'tcp://10.0.0.7:80' };
    const server = await startServerProcess({ env: { DATA_DIR: directory, ...links } });
    expect(await server.kill('SIGTERM')).toBe(0);
  });

  it('keeps everything it acknowledged through kill -9', async () => {
    const database = await testDatabase();
    const env: Record<string, string> =
      database.kind === 'server' ? { DATABASE_URL: database.url } : { DATA_DIR: join(directory, 'data') };
    let server = await startServerProcess({ env });
    const thread = await post(server.url, '/threads', { title: 'Survivor' });
    const agent = await post(server.url, '/agents', { name: 'survivor', instructions: 'Answer.' });
    const run = await post(server.url, '/runs', {
      agentId: agent.body.data.id,
      threadId: thread.body.data.id,
      input: 'What is 6 * 7?',
    });
    const change = { description: 'Kept' };
    const changed = await send('PATCH', server.url, `/agents/${agent.body.data.id}`, change);
    expect([thread.status, agent.status, run.status, changed.status]).toEqual([201, 201, 202, 200]);
    expect(await server.kill('SIGKILL')).toBe('SIGKILL');

    server = await startServerProcess({ env });
    const [keptThread, keptAgent, ended] = await Promise.all(
      [`/threads/${thread.body.data.id}`, `/agents/${agent.body.data.id}`, `/runs/${run.body.data.id}/wait`].map(
        async (path) => {
          const answer = await fetch(`${server.url}/api/v1${path}`, { headers: { ...headers, prefer: 'wait=30' } });
          return { status: answer.status, body: (await answer.json()) as { data: { id: string; status: string } } };
        },
      ),
    );
    await server.kill('SIGTERM');
    await database.close();
    expect([keptThread!.status, keptAgent!.status, ended!.status]).toEqual([200, 200, 200]);
    expect(keptAgent!.body.data).toMatchObject({ name: 'survivor', ...change });
    expect(ended!.body.data).toMatchObject({ id: run.body.data.id, status: 'succeeded' });
  });

  it('writes one JSON line a log event, with the request id in each and no secret in any', async () => {
    const server = await startServerProcess({ env: { DATA_DIR: directory, LOG_LEVEL: 'debug', LOG_FORMAT: 'json' } });
    await fetch(`${server.url}/api/v1/agents/agt_unknown`, { headers: { ...headers, 'x-request-id': 'trace-me-1' } });
    await server.kill('SIGTERM');
    const lines = server
      .output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { requestId?: string });
    expect(lines.some(({ requestId }) => requestId === 'trace-me-1')).toBe(true);
    expect(server.output()).not.toContain(KEY);
  });
});
