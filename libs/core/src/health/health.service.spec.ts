import { jest } from '@jest/globals';
import { HealthIndicatorService } from '@nestjs/terminus';
import { Readiness } from '../lifecycle/readiness.js';
import { HealthRegistry } from './health-registry.js';
import { healthReport } from './health-report.js';
import { HealthService } from './health.service.js';

function service() {
  const registry = new HealthRegistry();
  const readiness = new Readiness();
  return { registry, readiness, health: new HealthService(registry, readiness, new HealthIndicatorService()) };
}

describe('HealthService', () => {
  it('is ready only between the end of the boot and the beginning of the end', async () => {
    const { readiness, health } = service();
    expect(await health.ready()).toEqual({ ready: false, status: 'starting' });
    readiness.markStarted();
    expect(await health.ready()).toEqual({ ready: true, status: 'ready' });
    readiness.markDraining();
    expect(await health.ready()).toEqual({ ready: false, status: 'draining' });
    readiness.markStarted();
    expect(await health.ready()).toEqual({ ready: false, status: 'draining' });
    expect(health.started).toBe(true);
  });

  it('is not ready without what it cannot do without, and ready without the rest', async () => {
    const { registry, readiness, health } = service();
    readiness.markStarted();
    registry.register({ name: 'redis', check: () => ({ status: 'unhealthy' }) });
    expect((await health.ready()).ready).toBe(true);
    registry.register({
      name: 'database',
      readiness: true,
      check: () => Promise.reject(Object.assign(new Error('at db.internal'), { code: 'ECONNREFUSED' })),
    });
    expect(await health.ready()).toEqual({
      ready: false,
      status: 'unavailable',
      failing: { database: 'The check failed (ECONNREFUSED)' },
    });
  });

  it('answers although a check hangs or throws', async () => {
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
      const controller = new AbortController();
      setImmediate(() => controller.abort());
      return controller.signal;
    });
    const { registry, readiness, health } = service();
    readiness.markStarted();
    registry.register({ name: 'slow', readiness: true, check: () => new Promise(() => {}) });
    registry.register({
      name: 'broken',
      check: () => {
        throw new Error('oops');
      },
    });
    expect(await health.components()).toEqual({
      slow: { status: 'unhealthy', detail: 'No answer within 2000 ms' },
      broken: { status: 'unhealthy', detail: 'The check failed' },
    });
    timeout.mockRestore();
  });

  it('looks once for probes that come together', async () => {
    const { registry, readiness, health } = service();
    readiness.markStarted();
    const check = jest.fn(() => ({ status: 'healthy' as const }));
    registry.register({ name: 'database', readiness: true, check });
    await Promise.all([health.ready(), health.ready()]);
    expect(check).toHaveBeenCalledTimes(1);
    await health.ready();
    expect(check).toHaveBeenCalledTimes(2);
  });
});

describe('healthReport', () => {
  const state = (id: string, status: 'active' | 'degraded' | 'stopped', reason?: string) => ({
    plugin: { descriptor: { id, version: '1.0.0', compat: '*' }, module: class {}, config: {}, essential: false },
    status,
    ...(reason === undefined ? {} : { reason }),
  });
  const required = new Set(['database']);

  it('is healthy when all parts are; a disabled plugin is no fault', () => {
    const report = healthReport({ database: { status: 'healthy' } }, required, [
      state('a', 'active'),
      state('b', 'stopped', 'disabled'),
    ]);
    expect(report).toMatchObject({ status: 'healthy', plugins: { total: 2, active: 1 } });
    expect(report.plugins.items[1]).toEqual({ id: 'b', status: 'stopped', reason: 'disabled' });
  });

  it.each([
    ['degraded', { database: { status: 'healthy' }, redis: { status: 'unhealthy' } }, 'active'],
    ['degraded', { database: { status: 'healthy' } }, 'degraded'],
    ['unhealthy', { database: { status: 'unhealthy' }, redis: { status: 'degraded' } }, 'active'],
  ] as const)('is %s with %j and a plugin that is %s', (expected, components, plugin) => {
    expect(healthReport(components, required, [state('a', plugin)]).status).toBe(expected);
  });
});
