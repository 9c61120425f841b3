import type { Logger } from '@guildhall/sdk';
import type { PluginManager } from '../plugins/plugin-manager.js';
import { Readiness } from './readiness.js';
import { Shutdown } from './shutdown.js';

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

function shutdown(graceMs = 1000, balancerDelayMs = 0, logger = quiet) {
  const steps: string[] = [];
  const readiness = new Readiness();
  readiness.markStarted();
  readiness.shutdownSignal.addEventListener('abort', () => void steps.push('work ends'));
  const plugins = { stop: async () => void steps.push('plugins stop') } as unknown as PluginManager;
  const host = { closeHttp: async () => void steps.push(`http closes, draining: ${readiness.draining}`) };
  return { steps, readiness, host, script: new Shutdown(readiness, plugins, logger, { graceMs, balancerDelayMs }) };
}

describe('Shutdown', () => {
  it('keeps its order: work ends, what drains drains, HTTP closes, plugins stop; once', async () => {
    const { steps, host, script } = shutdown();
    script.beforeClose({
      name: 'runs',
      drain: async () => {
        await Promise.resolve();
        steps.push('runs drained');
      },
    });
    await Promise.all([script.run(host), script.run(host)]);
    expect(steps).toEqual(['work ends', 'runs drained', 'http closes, draining: true', 'plugins stop']);
  });

  it('is not ready at once, but serves on until the balancer has had its time', async () => {
    const { steps, readiness, host, script } = shutdown(1000, 30);
    const done = script.run(host);
    expect([readiness.draining, readiness.shutdownSignal.aborted]).toEqual([true, false]);
    expect(steps).toEqual([]);
    await done;
    expect(readiness.shutdownSignal.aborted).toBe(true);
  });

  it('goes on when something fails to drain or HTTP fails to close', async () => {
    const errors: object[] = [];
    const { steps, script } = shutdown(1000, 0, { ...quiet, error: (fields) => void errors.push(fields) });
    script.beforeClose({ name: 'broken', drain: () => Promise.reject(new Error('no')) });
    await script.run({ closeHttp: () => Promise.reject(new Error('no')) });
    expect(steps).toEqual(['work ends', 'plugins stop']);
    expect(errors).toMatchObject([{ step: 'broken' }, { step: 'closing HTTP' }]);
  });

  it('waits no longer than the grace for what hangs, and tells it when its time is up', async () => {
    const { steps, script, host } = shutdown(20);
    let told: AbortSignal | undefined;
    script.beforeClose({ name: 'hanging', drain: (signal) => new Promise(() => void (told = signal)) });
    await script.run(host);
    expect(told?.aborted).toBe(true);
    expect(steps).toEqual(['work ends', 'http closes, draining: true', 'plugins stop']);
  });
});
