import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { type BreakerState, Metrics } from '@guildhall/core';
import { BUILTIN_PROVIDER, type ProviderConfig, type TokenUsage } from '@guildhall/sdk';
import type { CallOutcome, RequestOutcome } from './call-outcome.js';
import type { ProviderConnection } from './provider-connection.js';

const MAX_LABELS = 50;
const STATES: readonly BreakerState[] = ['closed', 'half_open', 'open'];

/**
 * What operators see of model calls. The operator's providers go by their ids, the first fifty of them; tenants' are
 * counted together, for there may be any number.
 */
@Injectable()
export class ModelMetrics {
  private readonly labels = new Set<string>();
  private readonly calls: Counter<'provider' | 'outcome'>;
  private readonly durations: Histogram<'provider'>;
  private readonly failovers: Counter<'provider'>;
  private readonly requests: Counter<'outcome'>;
  private readonly tokens: Counter<'provider' | 'kind'>;
  private readonly cost: Counter<'provider'>;
  private readonly firstOutput: Histogram<'provider'>;

  constructor(private readonly metrics: Metrics) {
    const registers = [metrics.registry];
    this.calls = new Counter({
      name: 'model_calls_total',
      help: 'Calls to providers, probes included, by how they ended',
      labelNames: ['provider', 'outcome'],
      registers,
    });
    this.durations = new Histogram({
      name: 'model_call_duration_seconds',
      help: 'Time from a call to a provider to the end of its reply; successful ones',
      labelNames: ['provider'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160],
      registers,
    });
    this.failovers = new Counter({
      name: 'model_failovers_total',
      help: 'Requests that another provider took over, by the provider that failed',
      labelNames: ['provider'],
      registers,
    });
    this.requests = new Counter({
      name: 'model_requests_total',
      help: 'Requests to models after all failovers; availability is succeeded / (succeeded + failed)',
      labelNames: ['outcome'],
      registers,
    });
    this.tokens = new Counter({
      name: 'model_tokens_total',
      help: 'Tokens that providers counted: input, output, and the parts of these that were cached or reasoning',
      labelNames: ['provider', 'kind'],
      registers,
    });
    this.cost = new Counter({
      name: 'model_cost_micro_usd_total',
      help: 'What calls to providers cost by their price lists, in millionths of a US dollar',
      labelNames: ['provider'],
      registers,
    });
    this.firstOutput = new Histogram({
      name: 'model_time_to_first_token_seconds',
      help: 'Time from a call to a provider to the first piece of a streamed reply',
      labelNames: ['provider'],
      buckets: [0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12, 30, 60],
      registers,
    });
  }

  /** Shows how many endpoints are in which state, whenever somebody looks. */
  observe(connections: () => Iterable<ProviderConnection>): void {
    const gauge: Gauge<'provider' | 'state'> = new Gauge({
      name: 'model_provider_endpoints',
      help: 'Keys and addresses of providers in use, by the state of their circuit breakers',
      labelNames: ['provider', 'state'],
      registers: [this.metrics.registry],
      collect: () => {
        gauge.reset();
        for (const { config, endpoints } of connections()) {
          const provider = this.label(config);
          for (const state of STATES) gauge.inc({ provider, state }, 0);
          for (const { breaker } of endpoints) gauge.inc({ provider, state: breaker.state });
        }
      },
    });
  }

  called(config: ProviderConfig, outcome: CallOutcome, ms: number): void {
    const provider = this.label(config);
    this.calls.inc({ provider, outcome });
    if (outcome === 'succeeded') this.durations.observe({ provider }, ms / 1000);
  }

  failedOver(from: ProviderConfig): void {
    this.failovers.inc({ provider: this.label(from) });
  }

  answered(outcome: RequestOutcome): void {
    this.requests.inc({ outcome });
  }

  began(config: ProviderConfig, ms: number): void {
    this.firstOutput.observe({ provider: this.label(config) }, ms / 1000);
  }

  spent(config: ProviderConfig, usage: TokenUsage): void {
    const provider = this.label(config);
    const { inputTokens: input, outputTokens: output, cachedTokens: cached, reasoningTokens: reasoning = 0 } = usage;
    for (const [kind, tokens] of Object.entries({ input, output, cached, reasoning })) {
      this.tokens.inc({ provider, kind }, tokens);
    }
    this.cost.inc({ provider }, usage.costMicroUsd);
  }

  private label({ id, trust }: ProviderConfig): string {
    if (trust !== 'operator' && id !== BUILTIN_PROVIDER) return 'tenant';
    if (this.labels.size < MAX_LABELS) this.labels.add(id);
    return this.labels.has(id) ? id : 'other';
  }
}
