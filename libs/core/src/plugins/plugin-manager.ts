import { ConflictError, type EventBus, type Logger, NotFoundError, UnavailableError } from '@guildhall/sdk';
import type { HealthCheck } from '../health/health-registry.js';
import type { PluginRuntime } from './plugin-runtime.js';
import type { PluginState, PluginStates } from './plugin-state.js';

/** Starts plugins in dependency order and stops, in reverse, exactly those it started. */
export class PluginManager {
  private readonly started: PluginRuntime[] = [];
  private stopping?: Promise<void>;
  private changes: Promise<unknown> = Promise.resolve();

  /** `runtimes` in dependency order. */
  constructor(
    private readonly runtimes: ReadonlyMap<string, PluginRuntime>,
    private readonly states: PluginStates,
    private readonly events: EventBus,
    private readonly logger: Logger,
  ) {}

  /** Every `init`, then every `start`. Throws what stopped the boot; then `stop()` undoes what had started. */
  async start(): Promise<void> {
    for (const runtime of this.runtimes.values()) await this.attempt(runtime, () => this.initialise(runtime));
    for (const runtime of this.runtimes.values()) await this.attempt(runtime, () => this.activate(runtime));
  }

  /** Tells active plugins that the process takes work. */
  async ready(): Promise<void> {
    for (const runtime of this.started) await this.attempt(runtime, () => runtime.ready());
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

  enable(id: string): Promise<PluginState> {
    return this.oneAtATime(async () => {
      const runtime = this.runtimeOf(id);
      if (this.stateOf(id).status === 'active') return this.stateOf(id);
      const obstacle = this.obstacle(runtime);
      if (obstacle !== undefined) throw new ConflictError('plugin_requires_another', `Plugin '${id}' ${obstacle}`);
      try {
        await this.initialise(runtime);
        await this.activate(runtime);
      } catch (error) {
        this.degrade(id, error);
        throw new UnavailableError('plugin_unavailable', messageOf(error), { retryable: false, cause: error });
      }
      this.events.emit('plugin.enabled', { pluginId: id }, { source: 'core' });
      return this.stateOf(id);
    });
  }

  disable(id: string): Promise<PluginState> {
    return this.oneAtATime(async () => {
      const runtime = this.runtimeOf(id);
      if (runtime.plugin.essential) {
        throw new ConflictError('plugin_essential', `Plugin '${id}' is part of Guildhall itself and stays enabled`);
      }
      const dependents = this.states.activeDependents(id).map(({ plugin }) => `'${plugin.descriptor.id}'`);
      if (dependents.length > 0) {
        const message = `Plugin '${id}' is required by ${dependents.join(', ')}: disable that first`;
        throw new ConflictError('plugin_required', message);
      }
      if (this.started.includes(runtime)) await this.stopOne(runtime, Infinity);
      this.states.set(id, 'stopped', 'disabled by an administrator');
      this.events.emit('plugin.disabled', { pluginId: id }, { source: 'core' });
      return this.stateOf(id);
    });
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
    this.logger.error({ err: error, plugin: id }, 'Plugin failed');
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
      this.logger.error({ err: error, plugin: id }, 'Plugin failed to stop');
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

  private stateOf(id: string): PluginState {
    const state = this.states.get(id);
    if (state === undefined) throw new NotFoundError('plugin', id);
    return state;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
