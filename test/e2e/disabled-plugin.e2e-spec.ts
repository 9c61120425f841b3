import { type RunContext, Plugin, Tool, Worker, type WorkerHandler } from '@guildhall/sdk';
import { type TestApp, startTestApp } from '@guildhall/testing';
import { z } from 'zod';

@Tool({ name: 'echo.say', description: 'Says it again', input: z.object({ text: z.string() }), effect: 'read' })
class EchoTool {
  execute({ text }: { text: string }): { text: string } {
    return { text };
  }
}

@Worker({ name: 'echo', description: 'Says what it hears', data: z.strictObject({}) })
class EchoWorker implements WorkerHandler {
  process({ input }: RunContext): Promise<unknown> {
    return Promise.resolve({ text: input.text });
  }
}

@Plugin({ id: 'echo', version: '1.0.0', compat: '^0.1.0', requires: ['tools'], providers: [EchoTool, EchoWorker] })
class EchoPlugin {}

describe('while a plugin is disabled', () => {
  let house: TestApp;
  let agentId: string;
  const to = (action: 'enable' | 'disable') => house.post(`/api/v1/plugins/echo/${action}`);
  const create = (fields: object) => house.post('/api/v1/agents', { name: 'parrot', ...fields });

  beforeAll(async () => {
    house = await startTestApp({ plugins: [EchoPlugin] });
    agentId = (await create({ tools: ['echo.say'], approvals: [{ tool: 'echo.say', when: 'always' }] })).body.data.id;
    await to('disable');
  });
  afterAll(() => house?.close());

  const unavailable = { code: 'plugin_unavailable', category: 'unavailable', status: 503, retryable: true };

  it('its tool and its worker answer as its routes do', async () => {
    const answers = [
      await house.post('/api/v1/tools/echo.say/invoke', { input: { text: 'a' } }),
      await house.get('/api/v1/tools/echo.say'),
      await house.post('/api/v1/workers/echo/invoke', { input: {} }),
      await house.get('/api/v1/workers/echo'),
    ];
    for (const { status, body } of answers) expect([status, body.error]).toMatchObject([503, unavailable]);
    expect((await house.post('/api/v1/tools/echo.shout/invoke', { input: {} })).status).toBe(404);
    const listed = (await house.get('/api/v1/tools?limit=100')).body.data as { id: string }[];
    expect(listed.map(({ id }) => id)).not.toContain('echo.say');
  });

  it('a run of an agent with its tool fails for now, and succeeds when it is retried with the plugin back', async () => {
    const headers = { prefer: 'wait=20' };
    const run = await house.post('/api/v1/runs', { agentId, input: 'Hello' }, { headers });
    const { code, category, retryable } = unavailable;
    expect(run.body.data).toMatchObject({ status: 'failed', error: { code, category, retryable } });
    await to('enable');
    const { id } = run.body.data;
    expect((await house.post(`/api/v1/runs/${id}/retry`)).status).toBe(202);
    expect((await house.get(`/api/v1/runs/${id}/wait`, { headers })).body.data.status).toBe('succeeded');
    await to('disable');
  });

  it('an agent that has its tool can be changed, and none can be given it', async () => {
    const changed = await house.patch(`/api/v1/agents/${agentId}`, { description: 'Repeats' });
    expect([changed.status, changed.body.data?.tools]).toEqual([200, ['echo.say']]);

    const details = [{ path: 'tools[1]', code: 'plugin_unavailable', message: expect.stringContaining("'echo'") }];
    const tools = ['calculator', 'echo.say'];
    const refused = await create({ tools });
    expect([refused.status, refused.body.error]).toMatchObject([503, { ...unavailable, details }]);
    const other = (await create({})).body.data.id as string;
    expect((await house.patch(`/api/v1/agents/${other}`, { tools })).body.error).toMatchObject(unavailable);
    const report = (await house.post('/api/v1/agents/validate', { name: 'parrot', tools })).body.data;
    expect(report).toMatchObject({ valid: false, faults: details });
    expect((await create({ tools: ['abacus', 'echo.say'] })).body.error).toMatchObject({
      status: 400,
      details: [{ code: 'invalid_reference' }, { code: 'plugin_unavailable' }],
    });
  });
});
