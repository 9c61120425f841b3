import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@guildhall/sdk';
import type { PluginManager } from '../plugins/plugin-manager.js';
import type { Readiness } from './readiness.js';

/** Work that must end before HTTP closes, e.g. runs reaching a step boundary. `signal` aborts when its time is up. */
export interface DrainTask {
  readonly name: string;
  drain(signal: AbortSignal): Promise<void> | void;
}

export interface ShutdownOptions {
  /** All of it together. */
  readonly graceMs: number;
  /** How long a balancer may need to notice that this process is not ready. */
  readonly balancerDelayMs: number;
}

/** What only the process that composed the application can do. */
export interface ShutdownHost {
  /** Stops accepting connections and waits for open ones; `force` drops them. */
  closeHttp(force: AbortSignal): Promise<void>;
}

/** The one shutdown script. */
export class Shutdown {
  private readonly tasks: DrainTask[] = [];
  private running?: Promise<void>;

  constructor(
    private readonly readiness: Readiness,
    private readonly plugins: PluginManager,
    private readonly logger: Logger,
    private readonly options: ShutdownOptions,
  ) {}

  /** Adds work to finish between "no new work" and "HTTP closes". */
  beforeClose(task: DrainTask): void {
    this.tasks.push(task);
  }

  /** Idempotent: later calls wait for the first. */
  run(host: ShutdownHost, balancerDelayMs = this.options.balancerDelayMs): Promise<void> {
    return (this.running ??= this.perform(host, balancerDelayMs));
  }

  private async perform(host: ShutdownHost, balancerDelayMs: number): Promise<void> {
    const end = performance.now() + this.options.graceMs;
    const left = () => Math.max(0, end - performance.now());
    this.readiness.markDraining();
    if (balancerDelayMs > 0) await sleep(Math.min(balancerDelayMs, left()));

    this.readiness.endWork();
    // Half of what is left: HTTP and the plugins want their share.
    await this.drain(AbortSignal.timeout(Math.floor(left() / 2)));
    await this.step('closing HTTP', () => host.closeHttp(AbortSignal.timeout(Math.floor(left() / 2))));
    await this.plugins.stop(left());
  }

  private async drain(signal: AbortSignal): Promise<void> {
    const timeIsUp = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    const tasks = this.tasks.map((task) => this.step(task.name, () => task.drain(signal)));
    await Promise.race([Promise.all(tasks), timeIsUp]);
  }

  private async step(name: string, work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.error({ err: error, step: name }, 'Shutdown step failed');
    }
  }
}
