import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@guildhall/sdk';
import type { PluginManager } from '../plugins/plugin-manager.js';
import type { Readiness } from './readiness.js';

/** So many of each, e.g. `{ runs: 2 }`. */
export type Counts = Readonly<Record<string, number>>;

/** Work that must end before HTTP closes, e.g. runs reaching a step boundary. `signal` aborts when its time is up. */
export interface DrainTask {
  readonly name: string;
  /** What is under way when the shutdown begins, for the log. */
  underWay(): Counts;
  /** Resolves to what was handed back for other processes to go on with. */
  drain(signal: AbortSignal): Promise<Counts>;
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
    const begun = performance.now();
    const end = begun + this.options.graceMs;
    const left = () => Math.max(0, end - performance.now());
    this.readiness.markDraining();
    if (balancerDelayMs > 0) await sleep(Math.min(balancerDelayMs, left()));

    const underWay = merged(this.tasks.map((task) => task.underWay()));
    this.readiness.endWork();
    // Half of what is left: HTTP and the plugins want their share.
    const handedBack = await this.drain(AbortSignal.timeout(Math.floor(left() / 2)));
    await this.step('closing HTTP', () => host.closeHttp(AbortSignal.timeout(Math.floor(left() / 2))));
    await this.plugins.stop(left());
    const durationMs = Math.round(performance.now() - begun);
    this.logger.info({ underWay, handedBack, durationMs }, 'Shut down');
  }

  /** What was handed back by the tasks that ended in time. */
  private async drain(signal: AbortSignal): Promise<Counts> {
    const timeIsUp = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    const handedBack: Counts[] = [];
    const drain = async (task: DrainTask) => void handedBack.push(await task.drain(signal));
    const tasks = this.tasks.map((task) => this.step(task.name, () => drain(task)));
    await Promise.race([Promise.all(tasks), timeIsUp]);
    return merged(handedBack);
  }

  private async step(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.error({ err: error, step: name }, 'Shutdown step failed');
    }
  }
}

function merged(counts: readonly Counts[]): Counts {
  return Object.assign({}, ...counts) as Counts;
}
