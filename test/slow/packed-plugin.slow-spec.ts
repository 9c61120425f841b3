import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type ServerProcess, startServerProcess } from '@guildhall/testing';

interface Answer {
  readonly data: { readonly id: string };
  readonly error: { readonly code: string };
}

const run = promisify(execFile);

describe('a plugin from a package of its own', () => {
  let directory: string;
  let server: ServerProcess;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'guildhall-plugin-'));
    const pack = (path: string) => run('npm', ['pack', resolve(path), '--pack-destination', directory, '--silent']);
    const [sdk, plugin] = await Promise.all([pack('libs/sdk'), pack('plugins/example-weather')]);
    // Peers come from this checkout, so that no registry is needed; the SDK is a copy of its own, as a stranger's is.
    const peers = ['@nestjs/common', 'reflect-metadata', 'zod', 'typeorm', 'rxjs'].map(
      (name) => [name, `file:${resolve('node_modules', name)}`] as const,
    );
    const dependencies = {
      ...Object.fromEntries(peers),
      '@guildhall/sdk': `file:${sdk.stdout.trim()}`,
      'guildhall-plugin-example-weather': `file:${plugin.stdout.trim()}`,
    };
    await writeFile(join(directory, 'package.json'), JSON.stringify({ name: 'scratch', private: true, dependencies }));
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--install-links=false'], {
      cwd: directory,
    });
    server = await startServerProcess({
      cwd: directory,
      env: {
        PLUGINS: 'guildhall-plugin-example-weather',
        EXAMPLE_WEATHER_UNITS: 'imperial',
        BOOTSTRAP_API_KEY: 'gh_dev_local',
        LOG_LEVEL: 'info',
      },
    });
  }, 120_000);

  afterAll(async () => {
    await server?.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  const get = async (path: string) => {
    const response = await fetch(`${server.url}${path}`, { headers: { authorization: 'Bearer gh_dev_local' } });
    return { status: response.status, body: (await response.json()) as Answer };
  };

  const post = async (path: string, input: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization: 'Bearer gh_dev_local', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(input),
    });
    return { status: response.status, body: (await response.json()) as Answer };
  };

  it('has its own copy of the SDK and is active all the same', async () => {
    const installed = await readFile(join(directory, 'node_modules/@guildhall/sdk/package.json'), 'utf8');
    expect(JSON.parse(installed)).toMatchObject({ name: '@guildhall/sdk' });
    const { body } = await get('/api/v1/plugins/example-weather');
    expect(body.data).toMatchObject({
      status: 'active',
      essential: false,
      contributions: [{ kind: 'tool', name: 'weather.current' }],
    });
  });

  it('serves its route and its tool with its own settings, and errors of its copy of the SDK keep their meaning', async () => {
    const { body } = await get('/api/v1/weather/Lisbon');
    expect(body.data).toMatchObject({ place: 'Lisbon', unit: '°F', sample: true });
    const invoked = await post('/api/v1/tools/weather.current/invoke', { input: { place: 'Lisbon' } });
    expect(invoked.body).toMatchObject({ data: { output: body.data } });
    const invalid = await get(`/api/v1/weather/${'x'.repeat(101)}`);
    expect([invalid.status, invalid.body.error.code]).toEqual([400, 'validation_failed']);
  });

  it('gives an agent its tool, which a run calls', async () => {
    const agent = await post('/api/v1/agents', { name: 'forecaster', tools: ['weather.current'] });
    const input = 'What is the weather in Lisbon?';
    const run = await post('/api/v1/runs', { agentId: agent.body.data.id, input }, { prefer: 'wait=20' });
    expect(run.body.data).toMatchObject({ status: 'succeeded' });
    const { body } = await get(`/api/v1/runs/${run.body.data.id}/steps`);
    const calls = (body.data as unknown as { kind: string }[]).filter(({ kind }) => kind === 'tool');
    expect(calls).toEqual([
      expect.objectContaining({
        name: 'weather.current',
        status: 'succeeded',
        input: { place: 'Lisbon' },
        output: expect.objectContaining({ place: 'Lisbon', sample: true }),
      }),
    ]);
  });

  it('tells of its health in the report', async () => {
    const response = await fetch(`${server.url}/health`, { headers: { authorization: 'Bearer gh_dev_local' } });
    expect(await response.json()).toMatchObject({
      status: 'healthy',
      components: { 'plugin:example-weather': { status: 'healthy', detail: expect.stringContaining('reports') } },
    });
  });

  it('stops with the process, which ends with 0', async () => {
    expect(await server.kill('SIGTERM')).toBe(0);
  });
});
