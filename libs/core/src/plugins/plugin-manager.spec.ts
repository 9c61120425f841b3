import type { EventEnvelope, Logger, PluginDescriptor, PluginHooks } from '@guildhall/sdk';
import { InProcessEventBus } from '../events/in-process-event-bus.js';
import { PluginManager } from './plugin-manager.js';
import { PluginRuntime } from './plugin-runtime.js';
import { PluginStates } from './plugin-state.js';

type Fixture = Partial<PluginDescriptor> & { id: string; hooks?: PluginHooks; essential?: boolean };

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const never = () => new Promise<void>(() => {});

function manage(fixtures: readonly Fixture[]) {
  const plugins = fixtures.map(({ hooks: _hooks, essential = false, ...descriptor }) => ({
    descriptor: { version: '1.0.0', compat: '^0.1.0', ...descriptor },
    module: class {},
    config: { of: descriptor.id },
    essential,
  }));
  const states = new PluginStates(plugins);
  const bus = new InProcessEventBus(silent, (owner) => states.isAvailable(owner));
  const events: EventEnvelope[] = [];
  bus.on('*', (event) => void events.push(event));
  const runtimes = plugins.map(
    (plugin, index) =>
      [plugin.descriptor.id, new PluginRuntime(plugin, () => fixtures[index]!.hooks ?? {}, silent, bus)] as const,
  );
  const manager = new PluginManager(new Map(runtimes), states, bus, silent);
  const off = new Set<string>();
  const disable = async (id: string) => {
    manager.refuseToStop(id);
    off.add(id);
    await manager.follow(async () => off);
    return manager.stateOf(id);
  };
  const enable = async (id: string) => {
    manager.refuseToStart(id);
    off.delete(id);
    await manager.follow(async () => off, id);
    return manager.stateOf(id);
  };
  const status = (id: string) => states.get(id)?.status;
  return { manager, states, events, bus, status, disable, enable, types: () => events.map(({ type }) => type) };
}

/** Hooks that write down when they are called. */
function recording(id: string, calls: string[]): PluginHooks {
  return {
    init: () => void calls.push(`${id}.init`),
    start: () => void calls.push(`${id}.start`),
    ready: () => void calls.push(`${id}.ready`),
    stop: () => void calls.push(`${id}.stop`),
  };
}

describe('PluginManager', () => {
  it('runs every init before any start, in order, and stops in reverse', async () => {
    const calls: string[] = [];
    const { manager, states } = manage([
      { id: 'a', hooks: recording('a', calls) },
      { id: 'b', requires: ['a'], hooks: recording('b', calls) },
    ]);
    await manager.start();
    expect(states.all().map(({ status }) => status)).toEqual(['active', 'active']);
    await manager.ready();
    await manager.stop();
    const expected = 'a.init b.init a.start b.start a.ready b.ready b.stop a.stop';
    expect(calls.join(' ')).toBe(expected);
    expect(states.all().map(({ status }) => status)).toEqual(['stopped', 'stopped']);
  });

  it('hands its settings to the hooks and accepts the other names of start and stop', async () => {
    const calls: unknown[] = [];
    const hooks: PluginHooks = {
      onStartup: ({ pluginId, config }) => void calls.push([pluginId, config]),
      onShutdown: (signal) => void calls.push(signal.aborted),
    };
    const { manager } = manage([{ id: 'a', hooks }]);
    await manager.start();
    await manager.stop();
    expect(calls).toEqual([['a', { of: 'a' }], false]);
  });

  it('aborts the boot when a plugin fails, naming plugin and hook, and then stops only what had started', async () => {
    const calls: string[] = [];
    const failing = { ...recording('b', calls), start: () => Promise.reject(new Error('no route to host')) };
    const { manager, status } = manage([
      { id: 'a', hooks: recording('a', calls) },
      { id: 'b', hooks: failing },
      { id: 'c', hooks: recording('c', calls) },
    ]);
    await expect(manager.start()).rejects.toThrow("Plugin 'b': start() failed: no route to host");
    await manager.stop();
    expect(calls).toEqual(['a.init', 'b.init', 'c.init', 'a.start', 'a.stop']);
    expect(status('b')).toBe('degraded');
  });

  it('lets a plugin that may degrade fail alone, with those that require it', async () => {
    const calls: string[] = [];
    const { manager, states, types } = manage([
      { id: 'a', onFailure: 'degrade', hooks: { init: () => Promise.reject(new Error('broken')) } },
      { id: 'b', requires: ['a'], hooks: recording('b', calls) },
      { id: 'c', requires: ['b'], hooks: recording('c', calls) },
      { id: 'd', optional: ['a'], hooks: recording('d', calls) },
    ]);
    await manager.start();
    expect(states.all().map(({ status }) => status)).toEqual(['degraded', 'skipped', 'skipped', 'active']);
    expect(states.get('a')?.reason).toBe("Plugin 'a': init() failed: broken");
    expect(states.get('b')?.reason).toBe("requires plugin 'a', which is degraded");
    expect(calls).toEqual(['d.init', 'd.start']);
    expect(types()).toEqual(['plugin.error', 'plugin.started']);
  });

  it('skips a plugin that may degrade when what it requires is not loaded', async () => {
    const { manager, states } = manage([{ id: 'a', requires: ['gone'], onFailure: 'degrade' }, { id: 'b' }]);
    await manager.start();
    expect(states.get('a')).toMatchObject({ status: 'skipped', reason: expect.stringContaining("'gone'") });
    expect(states.get('b')?.status).toBe('active');
  });

  it('gives up on a hook that hangs, naming it', async () => {
    const { manager, states } = manage([
      { id: 'a', onFailure: 'degrade', hookTimeoutMs: 5, hooks: { start: never } },
      { id: 'b' },
    ]);
    await manager.start();
    expect(states.get('a')?.reason).toBe("Plugin 'a': start() did not finish within 5 ms");
    expect(states.get('b')?.status).toBe('active');
  });

  it('stops the others although one throws and one hangs, and only once', async () => {
    const calls: string[] = [];
    const { manager, types } = manage([
      { id: 'a', hooks: recording('a', calls) },
      { id: 'b', hooks: { stop: () => Promise.reject(new Error('stuck')) } },
      { id: 'c', hookTimeoutMs: 5, hooks: { stop: never } },
    ]);
    await manager.start();
    await Promise.all([manager.stop(), manager.stop()]);
    expect(calls.filter((call) => call === 'a.stop')).toHaveLength(1);
    expect(types().filter((type) => type === 'plugin.error')).toHaveLength(2);
    expect(types().filter((type) => type === 'plugin.stopped')).toHaveLength(3);
  });

  it('tells a hook that hangs that its time is up', async () => {
    let aborted: boolean | undefined;
    const stop = (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          resolve();
        });
      });
    const { manager } = manage([{ id: 'a', hooks: { stop } }]);
    await manager.start();
    await manager.stop(5);
    expect(aborted).toBe(true);
  });

  it('starts nothing more once it was told to stop', async () => {
    const calls: string[] = [];
    const { manager } = manage([
      { id: 'a', hooks: { init: () => void manager.stop() } },
      { id: 'b', hooks: recording('b', calls) },
    ]);
    await manager.start();
    expect(calls).toEqual([]);
  });

  it('disables and enables a plugin, with its hooks and events', async () => {
    const calls: string[] = [];
    const { manager, status, types, disable, enable } = manage([{ id: 'a', hooks: recording('a', calls) }]);
    await manager.start();
    expect(await disable('a')).toMatchObject({ status: 'stopped', reason: 'disabled by an administrator' });
    await disable('a');
    expect(status('a')).toBe('stopped');
    expect((await enable('a')).status).toBe('active');
    await enable('a');
    expect(calls).toEqual(['a.init', 'a.start', 'a.stop', 'a.start']);
    expect(types()).toEqual([
      'plugin.started',
      'plugin.stopped',
      'plugin.disabled',
      'plugin.started',
      'plugin.enabled',
    ]);
  });

  it('refuses to disable what is essential or required, and to enable what lacks another', async () => {
    const { manager, disable, enable } = manage([
      { id: 'core', essential: true },
      { id: 'a' },
      { id: 'b', requires: ['a'] },
    ]);
    await manager.start();
    await expect(disable('core')).rejects.toMatchObject({ code: 'plugin_essential', category: 'conflict' });
    await expect(disable('a')).rejects.toMatchObject({ code: 'plugin_required' });
    await disable('b');
    await disable('a');
    await expect(enable('b')).rejects.toMatchObject({ code: 'plugin_requires_another' });
    await expect(enable('nobody')).rejects.toMatchObject({ code: 'plugin_not_found' });
  });

  it('shows a plugin that fails when enabled as degraded, and says why', async () => {
    let broken = false;
    const { manager, states, disable, enable } = manage([
      { id: 'a', hooks: { start: () => (broken ? Promise.reject(new Error('gone')) : undefined) } },
    ]);
    await manager.start();
    await disable('a');
    broken = true;
    await enable('a');
    expect(states.get('a')).toMatchObject({ status: 'degraded', reason: "Plugin 'a': start() failed: gone" });
    broken = false;
    await manager.follow(async () => new Set());
    expect(states.get('a')?.status).toBe('degraded');
    expect((await enable('a')).status).toBe('active');
  });

  it('does not begin plugins that are switched off, nor those that require them, until they are switched on', async () => {
    const calls: string[] = [];
    const { manager, states } = manage([
      { id: 'core', essential: true },
      { id: 'a', hooks: recording('a', calls) },
      { id: 'b', requires: ['a'], hooks: recording('b', calls) },
      { id: 'c', optional: ['a'], hooks: recording('c', calls) },
    ]);
    await manager.start(new Set(['a', 'core', 'gone']));
    await manager.ready();
    expect(calls).toEqual(['c.init', 'c.start', 'c.ready']);
    expect(states.all().map(({ status }) => status)).toEqual(['active', 'stopped', 'skipped', 'active']);
    expect(states.get('b')?.reason).toBe("requires plugin 'a', which is stopped");
    calls.splice(0);
    await manager.follow(async () => new Set());
    expect(calls).toEqual(['a.init', 'a.start', 'a.ready', 'b.init', 'b.start', 'b.ready']);
    calls.splice(0);
    await manager.follow(async () => new Set(['a']));
    expect(calls).toEqual(['b.stop', 'a.stop']);
    expect(states.get('b')).toMatchObject({ status: 'skipped', reason: "requires plugin 'a', which is stopped" });
    await manager.stop();
    expect(calls).toEqual(['b.stop', 'a.stop', 'c.stop']);
  });

  it('acts on the last word, however many speak at once', async () => {
    const { manager, status } = manage([{ id: 'a' }]);
    await manager.start();
    let off = new Set(['a']);
    const read = async () => off;
    const first = manager.follow(read);
    off = new Set();
    await Promise.all([first, manager.follow(read)]);
    expect(status('a')).toBe('active');
  });

  it('lets nobody use a plugin that takes its time to stop', async () => {
    const stopped = Promise.withResolvers<void>();
    const { manager, states, status } = manage([{ id: 'a', hooks: { stop: () => stopped.promise } }]);
    await manager.start();
    const following = manager.follow(async () => new Set(['a']));
    while (status('a') === 'active') await Promise.resolve();
    expect([status('a'), states.isAvailable('a')]).toEqual(['stopping', false]);
    stopped.resolve();
    await following;
    expect(status('a')).toBe('stopped');
  });

  it('asks active plugins that tell of their health, and leaves the others to their state', async () => {
    const { manager } = manage([
      { id: 'a', hooks: { health: () => ({ status: 'degraded', detail: 'slow' }) } },
      { id: 'b', onFailure: 'degrade', hooks: { init: () => Promise.reject(new Error('no')), health: never as never } },
      { id: 'c' },
    ]);
    await manager.start();
    const checks = manager.healthChecks();
    expect(checks.map(({ name }) => name)).toEqual(['plugin:a', 'plugin:b']);
    const signal = new AbortController().signal;
    expect(await Promise.all(checks.map(({ check }) => check(signal)))).toEqual([
      { status: 'degraded', detail: 'slow' },
      { status: 'healthy', detail: 'not active' },
    ]);
  });

  it('ends the subscriptions a plugin made when it stops', async () => {
    let heard = 0;
    const { manager, bus, disable, enable } = manage([
      { id: 'a', hooks: { start: ({ events }) => void events.on('*', () => void heard++) } },
    ]);
    await manager.start();
    const before = heard;
    await disable('a');
    await enable('a');
    heard = before;
    bus.emit('plugin.error', { pluginId: 'x', source: 'x', message: 'x' }, { source: 'test' });
    expect(heard - before).toBe(1);
  });
});
