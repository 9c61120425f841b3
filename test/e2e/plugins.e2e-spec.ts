import { readFile } from 'node:fs/promises';
import { Controller, Get, Inject } from '@nestjs/common';
import { CONTRIBUTIONS, type Contributions } from '@guildhall/core';
import { EVENT_BUS, type EventBus, METRICS, type MetricRecorder, OnEvent, Plugin, Tool } from '@guildhall/sdk';
import { type TestApp, startTestApp } from '@guildhall/testing';
import { z } from 'zod';

@Tool({ name: 'echo.say', description: 'Says it again', input: z.object({ text: z.string() }), effect: 'read' })
class EchoTool {
  readonly heard: string[] = [];

  constructor(@Inject(METRICS) private readonly metrics: MetricRecorder) {}

  execute({ text }: { text: string }): { text: string } {
    this.metrics.recordMetric('echo_length', text.length, { language: 'en' });
    return { text };
  }

  @OnEvent('plugin.*')
  onPlugin({ type }: { type: string }): void {
    this.heard.push(type);
  }
}

@Controller({ path: 'echo', version: '1' })
class EchoController {
  @Get()
  say(): { said: string } {
    return { said: 'hello' };
  }
}

@Plugin({
  id: 'echo',
  version: '1.2.3',
  compat: '^0.1.0',
  description: 'Says it again',
  requires: ['tools'],
  providers: [EchoTool],
  controllers: [EchoController],
})
class EchoPlugin {}

@Plugin({ id: 'loud-echo', version: '1.0.0', compat: '^0.1.0', requires: ['echo'] })
class LoudEchoPlugin {}

@Plugin({ id: 'broken', version: '1.0.0', compat: '^0.1.0', onFailure: 'degrade', controllers: [] })
class BrokenPlugin {
  start(): Promise<void> {
    return Promise.reject(new Error('no such host'));
  }
}

describe('plugins over HTTP', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ plugins: [LoudEchoPlugin, EchoPlugin, BrokenPlugin] });
  });
  afterAll(() => app?.close());

  it('lists every plugin with its state, what it requires and what it contributes', async () => {
    const { status, body } = await app.get('/api/v1/plugins?limit=100&total=true');
    expect(status).toBe(200);
    const byId = new Map<string, object>(body.data.map((plugin: { id: string }) => [plugin.id, plugin]));
    expect(body.meta.pagination.total).toBe(byId.size);
    expect(byId.get('echo')).toEqual({
      id: 'echo',
      kind: 'plugin',
      name: 'echo',
      description: 'Says it again',
      plugin: 'echo',
      status: 'active',
      version: '1.2.3',
      requires: ['tools'],
      essential: false,
      contributions: [{ kind: 'tool', name: 'echo.say' }],
    });
    expect(byId.get('core')).toMatchObject({ status: 'active', essential: true });
    expect(byId.get('broken')).toMatchObject({
      status: 'degraded',
      reason: "Plugin 'broken': start() failed: no such host",
    });
  });

  it('answers 404 for a plugin that is not there', async () => {
    const { status, body } = await app.get('/api/v1/plugins/nobody');
    expect([status, body.error.code]).toEqual([404, 'plugin_not_found']);
  });

  it('reports a degraded plugin in /health without being unready', async () => {
    const [health, ready] = [await app.get('/health'), await app.get('/health/ready', { key: null })];
    expect(health.status).toBe(200);
    expect(health.body).toMatchObject({ status: 'degraded', version: '0.1.0', environment: 'test' });
    expect(health.body.plugins.items).toContainEqual({
      id: 'broken',
      status: 'degraded',
      reason: expect.stringContaining('no such host'),
    });
    expect([ready.status, ready.body]).toEqual([200, { status: 'ready' }]);
  });

  it('takes a disabled plugin out of service, with its routes, tools and listeners, and brings it back', async () => {
    const contributions = app.app.get<Contributions>(CONTRIBUTIONS);
    const hasTool = () => contributions.list('tool').some(({ name }) => name === 'echo.say');
    const events: string[] = [];
    const end = app.app.get<EventBus>(EVENT_BUS).on('plugin.*', ({ type }) => void events.push(type));
    expect((await app.get('/api/v1/echo')).body.data).toEqual({ said: 'hello' });

    const required = await app.post('/api/v1/plugins/echo/disable');
    expect([required.status, required.body.error.code]).toEqual([409, 'plugin_required']);
    expect(required.body.error.message).toContain("'loud-echo'");
    await app.post('/api/v1/plugins/loud-echo/disable');
    const disabled = await app.post('/api/v1/plugins/echo/disable');
    expect([disabled.status, disabled.body.data.status]).toEqual([200, 'stopped']);

    const refused = await app.get('/api/v1/echo');
    expect([refused.status, refused.body.error.code]).toEqual([503, 'plugin_unavailable']);
    expect(hasTool()).toBe(false);

    const enabled = await app.post('/api/v1/plugins/echo/enable');
    expect([enabled.status, enabled.body.data.status]).toEqual([200, 'active']);
    expect((await app.get('/api/v1/echo')).status).toBe(200);
    expect(hasTool()).toBe(true);
    await app.post('/api/v1/plugins/loud-echo/enable');
    end();
    const goes = 'plugin.stopped plugin.disabled';
    const comes = 'plugin.started plugin.enabled';
    expect(events.join(' ')).toBe(`${goes} ${goes} ${comes} ${comes}`);
    // It heard the other one go, but nothing while it was disabled itself.
    const { heard } = app.app.get(EchoTool, { strict: false });
    expect(heard.filter((type) => type === 'plugin.disabled')).toHaveLength(1);
  });

  it('shows the values that a plugin records', async () => {
    await app.post('/api/v1/tools/echo.say/invoke', { input: { text: 'hello' } });
    expect((await app.get('/metrics')).text).toContain('echo_length{language="en"} 5');
  });

  it('keeps what Guildhall is made of enabled', async () => {
    const { status, body } = await app.post('/api/v1/plugins/core/disable');
    expect([status, body.error.code]).toEqual([409, 'plugin_essential']);
  });

  it('lets only administrators enable and disable', async () => {
    const { body } = await app.post('/api/v1/api-keys', { name: 'reader', scopes: ['tools:read'] });
    const answer = await app.post('/api/v1/plugins/echo/disable', undefined, { key: body.data.key });
    expect(answer.status).toBe(403);
    expect((await app.get('/api/v1/plugins', { key: body.data.key })).status).toBe(200);
  });
});

describe('what the operator sees', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  it('answers probes without a key, and reports and metrics only with one for operations', async () => {
    const open = ['/health/live', '/health/ready', '/health/startup'];
    const closed = ['/health', '/health/db', '/health/config', '/metrics'];
    const statuses = (paths: string[], key: string | null = app.apiKey) =>
      Promise.all(paths.map(async (path) => (await app.get(path, { key })).status));
    expect(await statuses(open, null)).toEqual([200, 200, 200]);
    expect(await statuses(closed, null)).toEqual([401, 401, 401, 401]);
    expect(await statuses(closed)).toEqual([200, 200, 200, 200]);
    const keyWith = async (...scopes: string[]): Promise<string> =>
      (await app.post('/api/v1/api-keys', { name: 'k', scopes })).body.data.key;
    expect(await statuses(closed, await keyWith('runs:write', 'models:read'))).toEqual([403, 403, 403, 403]);
    for (const scope of ['operations:read', 'admin', '*']) {
      expect(await statuses(closed, await keyWith(scope))).toEqual([200, 403, 403, 200]);
    }
  });

  it('shows settings with their source and no secret', async () => {
    const { text, body } = await app.get('/health/config');
    expect(text).not.toContain(app.apiKey);
    expect(body.settings).toContainEqual({ name: 'BOOTSTRAP_API_KEY', value: '[redacted]', source: 'default' });
  });

  it('shows the database, its pool and its schema', async () => {
    const { body } = await app.get('/health/db');
    expect(body).toMatchObject({ status: 'healthy', migrations: { pending: [] }, pool: { waiting: 0 } });
  });

  it('counts requests by route template: many ids and unknown routes are one series each', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => app.get(`/api/v1/plugins/p${index}`)));
    await Promise.all(Array.from({ length: 5 }, (_, index) => app.get(`/nowhere/${index}`)));
    const { text } = await app.get('/metrics');
    const series = text.split('\n').filter((line) => line.startsWith('requests_total{'));
    expect(series).toContain('requests_total{method="GET",endpoint="/api/v1/plugins/:id",status="404"} 20');
    expect(series).toContain('requests_total{method="GET",endpoint="unknown",status="404"} 5');
    expect(text).toMatch(/^request_duration_seconds_count\{.*\/api\/v1\/plugins\/:id/m);
    for (const name of ['nodejs_eventloop_lag_seconds', 'process_cpu_seconds_total', 'requests_in_flight']) {
      expect(text).toMatch(new RegExp(`^${name} `, 'm'));
    }
  });

  it('tells of the queues of the deployment, and has no metric that docs/metrics.md does not explain, nor that one more', async () => {
    const { text } = await app.get('/metrics');
    expect(text).toMatch(/^runs_waiting 0$/m);
    expect(text).toMatch(/^jobs_waiting 0$/m);
    const page = await readFile('docs/metrics.md', 'utf8');
    const explained = [...page.matchAll(/^\| `([a-z0-9_]+)` /gm)].map(([, name]) => name!);
    const shown = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    const ours = shown.filter((name) => !/^(process|nodejs)_/.test(name) || explained.includes(name));
    expect(explained.toSorted()).toEqual(ours.toSorted());
  });
});
