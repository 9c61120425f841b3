import type { Logger, PluginHealth, PluginHooks } from '@guildhall/sdk';
import { HandleErrors } from '../errors/handle-errors.decorator.js';
import type { InProcessEventBus } from '../events/in-process-event-bus.js';
import { PluginEvents } from '../events/plugin-events.js';
import type { LoadedPlugin } from './loaded-plugin.js';
import { runHook } from './run-hook.js';

const DEFAULT_HOOK_TIMEOUT_MS = 10_000;

/** One plugin at work: calls the hooks of its instance, each under its time limit. Knows nothing of other plugins. Whoever calls goes on when a hook fails. */
export class PluginRuntime {
  private readonly events: PluginEvents;
  private initialised = false;

  constructor(
    readonly plugin: LoadedPlugin,
    private readonly instance: () => PluginHooks,
    private readonly logger: Logger,
    bus: InProcessEventBus,
  ) {
    this.events = new PluginEvents(bus, plugin.descriptor.id);
  }

  /** Whether the plugin says anything of its own health. */
  get hasHealth(): boolean {
    return this.instance().health !== undefined;
  }

  async health(): Promise<PluginHealth> {
    return (await this.instance().health?.()) ?? { status: 'healthy' };
  }

  @HandleErrors()
  async init(): Promise<void> {
    if (this.initialised) return;
    await this.run('init', (hooks) => hooks.init?.(this.context()));
    this.initialised = true;
  }

  @HandleErrors()
  start(): Promise<void> {
    return this.run('start', (hooks) =>
      hooks.start ? hooks.start(this.context()) : hooks.onStartup?.(this.context()),
    );
  }

  @HandleErrors()
  ready(): Promise<void> {
    return this.run('ready', (hooks) => hooks.ready?.());
  }

  /** `withinMs`: what is left of the shutdown's time; the plugin's signal aborts when it, or its own limit, is over. */
  @HandleErrors()
  async stop(withinMs = Infinity): Promise<void> {
    const limit = Math.floor(Math.min(this.timeoutMs, withinMs));
    const signal = AbortSignal.timeout(limit);
    try {
      await this.run('stop', (hooks) => (hooks.stop ? hooks.stop(signal) : hooks.onShutdown?.(signal)), limit);
    } finally {
      this.events.close();
    }
  }

  private get timeoutMs(): number {
    return this.plugin.descriptor.hookTimeoutMs ?? DEFAULT_HOOK_TIMEOUT_MS;
  }

  private context() {
    const { descriptor, config } = this.plugin;
    return { pluginId: descriptor.id, config, logger: this.logger, events: this.events };
  }

  private run(hook: string, work: (hooks: PluginHooks) => unknown, timeoutMs = this.timeoutMs): Promise<void> {
    const run = { pluginId: this.plugin.descriptor.id, hook, timeoutMs, logger: this.logger };
    return runHook(run, () => work(this.instance()));
  }
}
