import { CircuitBreaker, type CircuitBreakerOptions } from '@guildhall/core';
import { AppError, type ModelClient, type ProviderConfig, type ProviderModel, UnavailableError } from '@guildhall/sdk';
import type { Clock } from '../clock.js';
import { CallWindow } from './call-window.js';

const MAX_MODELS = 100;

/** One provider in use: its client, its breaker and what was measured of its models. */
export class ProviderConnection {
  readonly breaker: CircuitBreaker;
  private readonly windows = new Map<string, CallWindow>();
  private discovered: readonly ProviderModel[] = [];

  constructor(
    readonly config: ProviderConfig,
    readonly client: ModelClient,
    private readonly clock: Clock,
    limits: Pick<CircuitBreakerOptions, 'failures' | 'openMs'>,
  ) {
    this.breaker = new CircuitBreaker({
      ...limits,
      name: config.id,
      now: () => clock.now(),
      counts: isProvidersFault,
      onChange: (state) => {
        if (state === 'closed') for (const window of this.windows.values()) window.recovered();
      },
    });
  }

  /** The model that a route takes, as far as it is known without asking. */
  get defaultModel(): string | undefined {
    return (this.config.models[0] ?? this.discovered[0])?.name;
  }

  /** The model that a route takes; the endpoint is asked where the configuration names none. */
  async resolveDefaultModel(signal: AbortSignal): Promise<string> {
    if (this.defaultModel === undefined) this.discovered = (await this.client.listModels?.(signal)) ?? [];
    if (this.defaultModel !== undefined) return this.defaultModel;
    const { id } = this.config;
    throw new UnavailableError('provider_unavailable', `Provider '${id}' offers no model`, { provider: id });
  }

  /** What is configured about a model; a name that is not listed has no price. */
  model(name: string | undefined): Partial<ProviderModel> {
    return this.config.models.find((model) => model.name === name) ?? {};
  }

  window(model: string): CallWindow {
    const known = this.windows.get(model);
    if (known) return known;
    // Agents may pin any name.
    if (this.windows.size >= MAX_MODELS) this.windows.clear();
    const window = new CallWindow(() => this.clock.now());
    this.windows.set(model, window);
    return window;
  }
}

/** A request that the vendor rightly refused, or that was cancelled, says nothing about the vendor. */
export function isProvidersFault(error: unknown): boolean {
  if (!AppError.is(error)) return (error as Error | undefined)?.name !== 'AbortError';
  return error.category !== 'cancelled' && error.category !== 'validation' && error.code !== 'provider_refused';
}
