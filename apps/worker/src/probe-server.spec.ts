import { HealthIndicatorService } from '@nestjs/terminus';
import { once } from 'node:events';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplicationContext } from '@nestjs/common';
import { HealthRegistry, HealthService, Metrics, Readiness, Settings, settingsFrom } from '@guildhall/core';
import { probeServer } from './probe-server.js';

describe('the probes of a worker', () => {
  const registry = new HealthRegistry();
  const readiness = new Readiness();
  const health = new HealthService(registry, readiness, new HealthIndicatorService());
  const parts = new Map<unknown, unknown>([
    [HealthService, health],
    [Metrics, new Metrics()],
    [Settings, settingsFrom()],
  ]);
  const server = probeServer({ get: (token: unknown) => parts.get(token) } as INestApplicationContext);
  const ask = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method });
    return { status: response.status, text: await response.text() };
  };
  beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
  afterAll(() => server.close());

  it('follows the life of the process', async () => {
    const statuses = async () =>
      Promise.all(['live', 'startup', 'ready'].map(async (probe) => (await ask(`/health/${probe}?x=1`)).status));
    expect(await statuses()).toEqual([200, 503, 503]);
    readiness.markStarted();
    expect(await statuses()).toEqual([200, 200, 200]);
    registry.register({ name: 'database', readiness: true, check: () => ({ status: 'unhealthy', detail: 'gone' }) });
    expect(await ask('/health/ready')).toEqual({
      status: 503,
      text: '{"status":"unavailable","failing":{"database":"gone"}}',
    });
    readiness.markDraining();
    expect(await statuses()).toEqual([200, 200, 503]);
  });

  it('answers to its own names only', async () => {
    const { port } = server.address() as AddressInfo;
    const answer = await new Promise<number | undefined>((resolve, reject) =>
      get({ port, host: '127.0.0.1', path: '/metrics', headers: { host: 'evil.example' } }, (response) =>
        resolve(response.resume().statusCode),
      ).on('error', reject),
    );
    expect(answer).toBe(421);
  });

  it('gives its metrics and nothing else', async () => {
    expect((await ask('/metrics')).text).toContain('requests_total');
    expect((await ask('/api/v1/agents')).status).toBe(404);
    expect((await ask('/health/live', 'POST')).status).toBe(404);
  });
});
