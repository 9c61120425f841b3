import type { Logger, ModelClient } from '@guildhall/sdk';
import type { Clock } from '../clock.js';
import { PROVEN, type Standing, type Verdict } from '../registry/standing.js';
import { bestVerdict, undecided, verdictOfListing } from './verdicts.js';

/** How long a provider has to say that it answers: who stores one waits for that. */
const PATIENCE_MS = 3_000;

export interface ScoutOptions {
  readonly provider: string;
  readonly clients: readonly ModelClient[];
  readonly standing: Standing;
  readonly clock: Pick<Clock, 'now'>;
  /** How long a provider that failed is left alone. */
  readonly everyMs: number;
  readonly logger: Logger;
}

/**
 * Finds out whether a provider that never answered does, by asking for its models: that costs nothing, and no user's call
 * has to find out. In the background, while somebody wants the provider; at once for who stored it.
 */
export class Scout {
  private looking: Promise<void> | undefined;
  private notBefore = -Infinity;
  private readonly stopped = new AbortController();

  constructor(private readonly options: ScoutOptions) {}

  /** A request could use the provider, were it known to answer. */
  wanted(): void {
    const { standing, clock } = this.options;
    // Only a call can tell.
    if (standing.verdict.kind === 'undecided' || this.looking || clock.now() < this.notBefore) return;
    void this.look();
  }

  /** Resolves when the standing says what came of it. Never rejects. */
  look(): Promise<void> {
    return (this.looking ??= this.ask().finally(() => {
      this.looking = undefined;
      this.notBefore = this.options.clock.now() + this.options.everyMs;
    }));
  }

  stop(): void {
    this.stopped.abort(new Error('The provider is no longer in use'));
  }

  private async ask(): Promise<void> {
    const { provider, clients, standing, logger } = this.options;
    const verdicts = await Promise.all(clients.map((client) => this.verdictOf(client)));
    if (this.stopped.signal.aborted) return;
    const verdict = bestVerdict(verdicts);
    if (verdict.kind === 'failed') logger.warn({ provider, reason: verdict.reason }, 'A provider does not answer');
    await standing.learn(verdict);
  }

  private async verdictOf(client: ModelClient): Promise<Verdict> {
    const limit = AbortSignal.timeout(PATIENCE_MS);
    const signal = AbortSignal.any([limit, this.stopped.signal]);
    const { provider } = this.options;
    if (!client.listModels) return undecided(provider);
    try {
      await Promise.race([client.listModels(signal), rejected(signal)]);
      return PROVEN;
    } catch (error) {
      if (limit.aborted) {
        return { kind: 'failed', reason: `Provider '${provider}' did not list its models within ${PATIENCE_MS} ms` };
      }
      return verdictOfListing(provider, error);
    }
  }
}

/** For clients that do not listen to the signal. */
function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
