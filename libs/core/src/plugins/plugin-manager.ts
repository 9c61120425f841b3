import { ConflictError, type EventBus, type Logger, NotFoundError } from '@guildhall/sdk';
import type { HealthCheck } from '../health/health-registry.js';
import type { LoadedPlugin } from './loaded-plugin.js';
import type { PluginRuntime } from './plugin-runtime.js';
import type { PluginState, PluginStates } from './plugin-state.js';
import { SWITCHED_OFF, switchedOff } from './switched-off.js';

/** Starts plugins in dependency order and stops, in reverse, exactly those it started. */
export class PluginManager {
  private readonly started: PluginRuntime[] = [];
  private stopping?: Promise<void>;
  private isReady = false;
  private changes: Promise<unknown> = Promise.resolve();

  /** `runtimes` in dependency order. */
  constructor(
    private readonly runtimes: ReadonlyMap<string, PluginRuntime>,
    private readonly states: PluginStates,
    private readonly events: EventBus,
    private readonly logger: Logger,
  ) {}

  /**
   * Every `init`, then every `start`, but for those that are switched off. Throws what stopped the boot; then `stop()`
   * undoes what had started.
   */
  async start(off: ReadonlySet<string> = new Set()): Promise<void> {
    const out = switchedOff(this.plugins(), off);
    for (const [id, reason] of out) this.leaveOut(id, reason);
    const wanted = [...this.runtimes.values()].filter(({ plugin }) => !out.has(plugin.descriptor.id));
    for (const runtime of wanted) await this.attempt(runtime, () => this.initialise(runtime));
    for (const runtime of wanted) await this.attempt(runtime, () => this.activate(runtime));
  }

  /** Tells active plugins that the process takes work. */
  async ready(): Promise<void> {
    this.isReady = true;
    const begun = [...this.started];
    for (const runtime of begun) await this.attempt(runtime, () => runtime.ready());
  }

  /** One check for each plugin that tells of its health; a plugin that is not active has its state to tell. */
  healthChecks(): HealthCheck[] {
    const telling = [...this.runtimes.values()].filter((runtime) => runtime.hasHealth);
    return telling.map((runtime) => ({
      name: `plugin:${runtime.plugin.descriptor.id}`,
      check: () => (this.started.includes(runtime) ? runtime.health() : { status: 'healthy', detail: 'not active' }),
    }));
  }

  /** Idempotent: later calls wait for the first. Never throws: a hook that fails must not keep others from theirs. */
  stop(withinMs = Infinity): Promise<void> {
    return (this.stopping ??= this.stopStarted(withinMs));
  }

  /**
   * Stops the plugins that are switched off, with those that require them, and starts those that no longer are. `off` is
   * asked when it is this call's turn, so that the last one acts on the last word. `retry`: one that failed and is to be
   * tried again.
   */
  follow(off: () => Promise<ReadonlySet<string>>, retry?: string): Promise<void> {
    return this.oneAtATime(async () => {
      const out = switchedOff(this.plugins(), await off());
      for (const runtime of this.started.toReversed()) await this.stopIfOut(runtime, out);
      for (const runtime of this.runtimes.values()) await this.startAgain(runtime, out, retry);
    });
  }

  /** Throws why the plugin cannot be disabled. */
  refuseToStop(id: string): void {
    const { plugin } = this.runtimeOf(id);
    if (plugin.essential) {
      throw new ConflictError('plugin_essential', `Plugin '${id}' is part of Guildhall itself and stays enabled`);
    }
    const dependents = this.states.activeDependents(id).map((state) => `'${state.plugin.descriptor.id}'`);
    if (dependents.length === 0) return;
    const message = `Plugin '${id}' is required by ${dependents.join(', ')}: disable that first`;
    throw new ConflictError('plugin_required', message);
  }

  /** Throws why the plugin cannot be enabled. */
  refuseToStart(id: string): void {
    const obstacle = this.obstacle(this.runtimeOf(id));
    if (obstacle !== undefined) throw new ConflictError('plugin_requires_another', `Plugin '${id}' ${obstacle}`);
  }

  stateOf(id: string): PluginState {
    const state = this.states.get(id);
    if (state === undefined) throw new NotFoundError('plugin', id);
    return state;
  }

  private async stopIfOut(runtime: PluginRuntime, out: ReadonlyMap<string, string>): Promise<void> {
    if (out.has(runtime.plugin.descriptor.id) && !this.stopping) await this.stopOne(runtime, Infinity);
  }

  private async startAgain(
    runtime: PluginRuntime,
    out: ReadonlyMap<string, string>,
    retry: string | undefined,
  ): Promise<void> {
    if (this.stopping) return;
    const { id } = runtime.plugin.descriptor;
    const reason = out.get(id);
    if (reason !== undefined) return this.leaveOut(id, reason);
    const { status } = this.stateOf(id);
    const isOut = status === 'stopped' || status === 'skipped' || (status === 'degraded' && id === retry);
    if (!isOut || this.obstacle(runtime) !== undefined) return;
    try {
      await this.initialise(runtime);
      await this.activate(runtime);
      if (this.isReady) await runtime.ready();
    } catch (error) {
      return this.degrade(id, error);
    }
    this.events.emit('plugin.enabled', { pluginId: id }, { source: 'core' });
  }

  /** It has stopped, or never started. */
  private leaveOut(id: string, reason: string): void {
    const known = this.stateOf(id);
    if (known.reason === reason) return;
    this.states.set(id, reason === SWITCHED_OFF ? 'stopped' : 'skipped', reason);
    this.logger.info({ plugin: id, reason }, 'Plugin left out');
    if (reason === SWITCHED_OFF) this.events.emit('plugin.disabled', { pluginId: id }, { source: 'core' });
  }

  private plugins(): LoadedPlugin[] {
    return [...this.runtimes.values()].map(({ plugin }) => plugin);
  }

  private async initialise(runtime: PluginRuntime): Promise<void> {
    const { id } = runtime.plugin.descriptor;
    const obstacle = this.obstacle(runtime);
    if (obstacle !== undefined) return this.skip(id, obstacle);
    this.states.set(id, 'initialising');
    await runtime.init();
  }

  private async activate(runtime: PluginRuntime): Promise<void> {
    const { id } = runtime.plugin.descriptor;
    if (this.stateOf(id).status !== 'initialising') return;
    const obstacle = this.obstacle(runtime);
    if (obstacle !== undefined) return this.skip(id, obstacle);
    await runtime.start();
    this.started.push(runtime);
    this.states.set(id, 'active');
    this.events.emit('plugin.started', { pluginId: id }, { source: 'core' });
  }

  /** A failure is the plugin's own where it says so (`onFailure: 'degrade'`), else everybody's. */
  private async attempt(runtime: PluginRuntime, work: () => Promise<void>): Promise<void> {
    if (this.stopping) return;
    try {
      await work();
    } catch (error) {
      const { id, onFailure } = runtime.plugin.descriptor;
      this.degrade(id, error);
      if (onFailure !== 'degrade') throw error;
    }
  }

  private degrade(id: string, error: unknown): void {
    const message = messageOf(error);
    this.states.set(id, 'degraded', message);
    this.events.emit('plugin.error', { pluginId: id, source: 'lifecycle', message }, { source: 'core' });
  }

  private skip(id: string, reason: string): void {
    this.logger.warn({ plugin: id, reason }, 'Plugin skipped');
    this.states.set(id, 'skipped', reason);
  }

  /** Why it cannot run: the first required plugin that does not. */
  private obstacle({ plugin }: PluginRuntime): string | undefined {
    for (const needed of plugin.descriptor.requires ?? []) {
      const status = this.states.get(needed)?.status;
      if (status === undefined) return `requires plugin '${needed}', which is not loaded: add it to PLUGINS`;
      if (!this.states.isAvailable(needed)) return `requires plugin '${needed}', which is ${status}`;
    }
    return undefined;
  }

  private async stopStarted(withinMs: number): Promise<void> {
    const end = performance.now() + withinMs;
    await this.changes;
    for (const runtime of this.started.toReversed()) {
      await this.stopOne(runtime, Math.max(0, end - performance.now()));
    }
  }

  private async stopOne(runtime: PluginRuntime, withinMs: number): Promise<void> {
    const { id } = runtime.plugin.descriptor;
    this.started.splice(this.started.indexOf(runtime), 1);
    this.states.set(id, 'stopping');
    try {
      await runtime.stop(withinMs);
    } catch (error) {
      const data = { pluginId: id, source: 'lifecycle', message: messageOf(error) };
      this.events.emit('plugin.error', data, { source: 'core' });
    }
    this.states.set(id, 'stopped');
    this.events.emit('plugin.stopped', { pluginId: id }, { source: 'core' });
  }

  private oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const result = this.changes.then(work);
    this.changes = result.catch(() => undefined);
    return result;
  }

  private runtimeOf(id: string): PluginRuntime {
    const runtime = this.runtimes.get(id);
    if (runtime === undefined) throw new NotFoundError('plugin', id);
    return runtime;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
