import {
  AppError,
  CancelledError,
  TimeoutError,
  UnavailableError,
  UpstreamError,
  ValidationError,
} from '@guildhall/sdk';
import { Metrics } from '@guildhall/core';
import { outcomeOf, requestOutcomeOf } from './call-outcome.js';
import { ModelMetrics } from './model-metrics.js';
import { modelsHealth } from './models-health.js';
import type { ProviderConnection } from './provider-connection.js';

const config = (id: string, trust: 'operator' | 'tenant' = 'operator') => ({ id, kind: 'fake', trust, models: [] });
const connection = (id: string, states: string[], trust: 'operator' | 'tenant' = 'operator') =>
  ({
    config: config(id, trust),
    state: states[0],
    endpoints: states.map((state) => ({ breaker: { state } })),
  }) as unknown as ProviderConnection;

describe('ModelMetrics', () => {
  it('counts the operator’s providers by id and those of all tenants together', async () => {
    const registry = new Metrics();
    const metrics = new ModelMetrics(registry);
    metrics.called(config('groq'), 'succeeded', 1500);
    metrics.called(config('theirs', 'tenant'), 'timed_out', 10);
    metrics.called(config('others', 'tenant'), 'timed_out', 10);
    const text = await registry.registry.metrics();
    expect(text).toContain('model_calls_total{provider="groq",outcome="succeeded"} 1');
    expect(text).toContain('model_calls_total{provider="tenant",outcome="timed_out"} 2');
    expect(text).toContain('model_call_duration_seconds_bucket{le="2.5",provider="groq"} 1');
    expect(text).not.toContain('theirs');
  });

  it('adds up tokens and what they cost, and tells how long the first of them took', async () => {
    const registry = new Metrics();
    const metrics = new ModelMetrics(registry);
    const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 4, costMicroUsd: 7 };
    metrics.spent(config('groq'), usage);
    metrics.spent(config('groq'), { ...usage, reasoningTokens: 2 });
    metrics.began(config('groq'), 150);
    const text = await registry.registry.metrics();
    const tokens = Object.entries({ input: 20, output: 10, cached: 8, reasoning: 2 });
    for (const [kind, count] of tokens) {
      expect(text).toContain(`model_tokens_total{provider="groq",kind="${kind}"} ${count}`);
    }
    expect(text).toContain('model_cost_micro_usd_total{provider="groq"} 14');
    expect(text).toContain('model_time_to_first_token_seconds_bucket{le="0.2",provider="groq"} 1');
  });

  it('stays bounded however many providers there are', async () => {
    const registry = new Metrics();
    const metrics = new ModelMetrics(registry);
    for (let i = 0; i < 500; i++) metrics.called(config(`p${i}`), 'failed', 1);
    const { values } = await registry.registry.getSingleMetric('model_calls_total')!.get();
    expect(values).toHaveLength(51);
    expect(values).toContainEqual({ labels: { provider: 'other', outcome: 'failed' }, value: 450 });
  });

  it('shows the endpoints in use by the state they are in now', async () => {
    const registry = new Metrics();
    let all = [connection('groq', ['open', 'closed']), connection('a', ['open'], 'tenant')];
    new ModelMetrics(registry).observe(() => all);
    expect(await registry.registry.metrics()).toContain('model_provider_endpoints{provider="groq",state="open"} 1');
    all = [connection('groq', ['closed', 'closed'])];
    const text = await registry.registry.metrics();
    expect(text).toContain('model_provider_endpoints{provider="groq",state="closed"} 2');
    expect(text).toContain('model_provider_endpoints{provider="groq",state="open"} 0');
    expect(text).not.toContain('provider="tenant"');
  });
});

describe('the outcome', () => {
  it.each([
    [new UpstreamError('provider_unavailable', 'x'), 'unavailable', 'failed'],
    [new UpstreamError('provider_malformed_reply', 'x'), 'malformed', 'failed'],
    [new UpstreamError('provider_refused', 'x'), 'refused', 'rejected'],
    [new TimeoutError('provider_timeout', 'x'), 'timed_out', 'failed'],
    [new AppError('rate_limit', 'rate_limited', 'x'), 'rate_limited', 'failed'],
    [new UnavailableError('all_providers_failed', 'x'), 'failed', 'failed'],
    [new AppError('limit_exceeded', 'budget_exceeded', 'x'), 'failed', 'rejected'],
    [new ValidationError('x'), 'refused', 'rejected'],
    [new CancelledError(), 'cancelled', 'cancelled'],
    [new TypeError('a bug'), 'failed', 'failed'],
  ])('of %s is %s for the call and %s for the request', (error, call, request) => {
    expect([outcomeOf(error), requestOutcomeOf(error)]).toEqual([call, request]);
  });
});

describe('modelsHealth', () => {
  it('names the operator’s providers that are not in order, and no tenant’s', () => {
    expect(modelsHealth([connection('a', ['closed']), connection('t', ['open'], 'tenant')])).toEqual({
      status: 'healthy',
    });
    expect(modelsHealth([connection('b', ['half_open']), connection('a', ['open'])])).toEqual({
      status: 'degraded',
      detail: 'a open, b half_open',
    });
  });
});
