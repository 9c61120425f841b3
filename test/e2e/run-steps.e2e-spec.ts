import { setTimeout as sleep } from 'node:timers/promises';
import { FakeModel, type TestTenant, testTenant } from '@guildhall/testing';

/** What a REST consumer sees of a run's steps while they are under way, and of why a run failed. */

let house: TestTenant;
let model: FakeModel;
let agentId: string;

beforeAll(async () => {
  model = await FakeModel.start();
  house = await testTenant();
  const models = [{ name: 'small', inputPricePerMTok: 0, outputPricePerMTok: 0 }];
  await house.post('/api/v1/providers', { id: 'fake', kind: 'openai-compatible', baseUrl: model.baseUrl, models });
  const agent = { name: 'asks', model: { provider: 'fake', name: 'small' } };
  agentId = (await house.post('/api/v1/agents', agent)).body.data.id;
});
beforeEach(() => model.reset());
afterAll(async () => {
  await house.close();
  await model.stop();
});

const stepsOf = async (runId: string) => (await house.get(`/api/v1/runs/${runId}/steps`)).body.data;

describe('a step under way', () => {
  it('is shown as running, and has failed when its run is cancelled', async () => {
    model.otherwise(() => ({ hang: true }));
    const { id } = (await house.post('/api/v1/runs', { agentId, input: 'hi' })).body.data;
    while (model.requests.length === 0 || (await stepsOf(id)).length === 0) await sleep(10);
    const [step] = await stepsOf(id);
    expect(step).toMatchObject({ kind: 'model', status: 'running', attempt: 1, output: null, finishedAt: null });
    await house.post(`/api/v1/runs/${id}/cancel`);
    const { finishedAt } = (await house.get(`/api/v1/runs/${id}`)).body.data;
    expect(await stepsOf(id)).toEqual([
      { ...step, status: 'failed', error: expect.objectContaining({ code: 'cancelled' }), finishedAt },
    ]);
  });

  it('has failed with the reason when the time of its run is up', async () => {
    model.otherwise(() => ({ hang: true }));
    const limited = { name: 'short', model: { provider: 'fake', name: 'small' }, limits: { timeoutMs: 1000 } };
    const agent = (await house.post('/api/v1/agents', limited)).body.data;
    const headers = { prefer: 'wait=20' };
    const { data } = (await house.post('/api/v1/runs', { agentId: agent.id, input: 'hi' }, { headers })).body;
    expect(data).toMatchObject({ status: 'failed', error: { code: 'timed_out' } });
    expect(await stepsOf(data.id)).toEqual([
      expect.objectContaining({ status: 'failed', error: data.error, finishedAt: data.finishedAt }),
    ]);
  });
});

describe('a run that no provider answered', () => {
  it('gives the reason of each, and so does its step', async () => {
    model.otherwise(() => ({ status: 401 }));
    const routed = { name: 'routed', model: { route: 'default', fallbackToBuiltin: false } };
    const agent = (await house.post('/api/v1/agents', routed)).body.data;
    const headers = { prefer: 'wait=20' };
    const { data } = (await house.post('/api/v1/runs', { agentId: agent.id, input: 'hi' }, { headers })).body;
    expect(data.status).toBe('failed');
    expect(data.error.details).toEqual([
      { path: 'providers.fake', code: expect.any(String), message: expect.any(String) },
    ]);
    expect((await stepsOf(data.id))[0].error).toEqual(data.error);
  });
});

describe('a caller’s trace', () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  const headers = { traceparent: `00-${id}-00f067aa0ba902b7-01` };

  it('goes along to the vendor, from runs and from the gateway', async () => {
    model.otherwise({ text: 'Hello' });
    await house.post('/api/v1/runs', { agentId, input: 'hi' }, { headers: { ...headers, prefer: 'wait=20' } });
    const chat = { model: 'fake/small', messages: [{ role: 'user', content: 'hi' }] };
    for (const stream of [false, true]) {
      await house.post('/openai/v1/chat/completions', { ...chat, stream }, { headers });
    }
    expect(model.requests.map((request) => request.headers.traceparent)).toEqual(Array(3).fill(headers.traceparent));
    await house.post('/openai/v1/chat/completions', chat);
    expect(model.requests[3]!.headers).not.toHaveProperty('traceparent');
  });

  it('is shown by the jobs that it leads to', async () => {
    const collection = (await house.post('/api/v1/collections', { name: 'traced' })).body.data.id;
    const document = { title: 'Returns', text: 'Within 30 days.' };
    await house.post(`/api/v1/collections/${collection}/documents`, document, { headers });
    expect((await house.get('/api/v1/jobs?queue=document.ingestion')).body.data).toMatchObject([{ traceId: id }]);
  });
});
