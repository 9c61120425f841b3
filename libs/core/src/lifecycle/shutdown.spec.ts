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
      underWay: () => ({ runs: 3 }),
      drain: async () => {
        await Promise.resolve();
        steps.push('runs drained');
        return { runs: 2 };
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
    script.beforeClose({ name: 'broken', underWay: () => ({}), drain: () => Promise.reject(new Error('no')) });
    await script.run({ closeHttp: () => Promise.reject(new Error('no')) });
    expect(steps).toEqual(['work ends', 'plugins stop']);
    expect(errors).toMatchObject([{ step: 'broken' }, { step: 'closing HTTP' }]);
  });

  it('says in one line what was under way and what was handed back', async () => {
    const said: object[] = [];
    const { host, script } = shutdown(1000, 0, { ...quiet, info: (fields) => void said.push(fields) });
    const counted = (counts: Record<string, number>, back: Record<string, number>) => ({
      name: 'counted',
      underWay: () => counts,
      drain: async () => back,
    });
    script.beforeClose(counted({ runs: 3 }, { runs: 2 }));
    script.beforeClose(counted({ streams: 4 }, {}));
    await Promise.all([script.run(host), script.run(host)]);
    expect(said).toEqual([
      { underWay: { runs: 3, streams: 4 }, handedBack: { runs: 2 }, durationMs: expect.any(Number) },
    ]);
  });

  it('waits no longer than the grace for what hangs, and tells it when its time is up', async () => {
    const { steps, script, host } = shutdown(20);
    let told: AbortSignal | undefined;
    const drain = (signal: AbortSignal) => new Promise<never>(() => void (told = signal));
    script.beforeClose({ name: 'hanging', underWay: () => ({ jobs: 1 }), drain });
    await script.run(host);
    expect(told?.aborted).toBe(true);
    expect(steps).toEqual(['work ends', 'http closes, draining: true', 'plugins stop']);
  });
});
