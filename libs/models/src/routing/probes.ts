import type { Logger, ModelClient } from '@guildhall/sdk';
import { AppError } from '@guildhall/sdk';
import type { Endpoint } from './endpoint.js';

/** Timers and clocks differ by less: the breaker must be ready when the probe comes. */
const MARGIN_MS = 5;

export interface ProbesOptions {
  /** How long a breaker stays open; nobody is called before. */
  readonly everyMs: number;
  /** The smallest call there is. */
  readonly ask: (client: ModelClient, signal: AbortSignal) => Promise<unknown>;
  /** Whether anybody would miss the provider. */
  readonly isWanted: () => boolean;
  readonly logger: Logger;
}

/**
 * Lets endpoints whose breaker opened come back by themselves: as soon as the breaker allows a call, a small one of our
 * own finds out whether they answer again, so that no user's call has to. Only while somebody wants the provider.
 */
export class Probes {
  private readonly waiting = new Map<Endpoint, NodeJS.Timeout>();
  private readonly stopped = new AbortController();

  constructor(private readonly options: ProbesOptions) {}

  /** Its breaker opened: the wait begins. */
  opened(endpoint: Endpoint): void {
    clearTimeout(this.waiting.get(endpoint));
    this.waiting.delete(endpoint);
    this.arm(endpoint);
  }

  /** It is wanted and not in order. */
  arm(endpoint: Endpoint): void {
    if (this.waiting.has(endpoint) || this.stopped.signal.aborted) return;
    const timer = setTimeout(() => void this.probe(endpoint), this.options.everyMs + MARGIN_MS).unref();
    this.waiting.set(endpoint, timer);
  }

  stop(): void {
    this.stopped.abort(new Error('The provider is no longer in use'));
    for (const timer of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
  }

  private async probe(endpoint: Endpoint): Promise<void> {
    this.waiting.delete(endpoint);
    const { ask, isWanted, logger } = this.options;
    const { signal } = this.stopped;
    if (!isWanted()) return;
    const provider = endpoint.config.id;
    try {
      await endpoint.run(0, signal, (client) => ask(client, signal));
      logger.info({ provider }, 'A provider answers again');
    } catch (error) {
      if (signal.aborted) return;
      const code = AppError.is(error) ? error.code : 'unexpected';
      logger.debug({ provider, code }, 'A provider does not answer yet');
    }
    if (endpoint.breaker.state !== 'closed') this.arm(endpoint);
  }
}
