import { type Contributions, Metrics, type OutboundClient, settingsFrom } from '@guildhall/core';
import {
  type ClientReply,
  type Logger,
  type ModelCall,
  type ModelReference,
  type ModelSignal,
  type ProviderConfig,
  type ProviderModel,
  type RequestContext,
  UpstreamError,
} from '@guildhall/sdk';
import { Accounts } from '../../accounting/accounts.js';
import type { BudgetGate } from '../../accounting/budgets/budget-gate.js';
import type { UsageBook } from '../../accounting/usage/usage-book.js';
import type { BookedCall } from '../../accounting/usage/usage-tally.js';
import type { ConfiguredProvider } from '../../registry/configured-provider.js';
import { PROVEN, Standing } from '../../registry/standing.js';
import type { ProviderRegistry } from '../../registry/provider-registry.js';
import { Connections } from '../connections.js';
import { ModelMetrics } from '../model-metrics.js';
import { ModelRouter } from '../model-router.js';
import { Routes } from '../route.js';

export type Behaviour = (call: ModelCall, onDelta?: (text: string) => void) => Promise<ClientReply>;

export const reply = (text: string, more: Partial<ClientReply> = {}): ClientReply => ({
  text,
  toolCalls: [],
  citations: [],
  finishReason: 'stop',
  usage: { inputTokens: 1000, outputTokens: 500, cachedTokens: 0 },
  ...more,
});
export const says =
  (text: string): Behaviour =>
  async (_call, onDelta) => {
    onDelta?.(text);
    return reply(text);
  };
export const down =
  (more: { retryAfterMs?: number; retryable?: boolean } = {}): Behaviour =>
  async () => {
    throw new UpstreamError('provider_unavailable', 'It is down', more);
  };

/** A house with these providers, a clock that only sleeping moves, and a log of who was called. */
export function house(behaviours: Record<string, Behaviour>, configs: Record<string, Partial<ProviderConfig>> = {}) {
  const clock = {
    at: 0,
    slept: [] as number[],
    now: () => clock.at,
    random: () => 0,
    sleep: async (ms: number) => void (clock.slept.push(ms), (clock.at += ms)),
  };
  const called: string[] = [];
  const seen: ModelCall[] = [];
  const streamed: boolean[] = [];
  const serves: ProviderModel[] = [];
  const all: ConfiguredProvider[] = ['builtin', ...Object.keys(behaviours)].map((id) => ({
    source: id === 'builtin' ? 'builtin' : 'stored',
    standing: new Standing(PROVEN),
    config: {
      id,
      kind: id === 'builtin' ? 'builtin' : 'fake',
      models: [{ name: `${id}-model` }],
      priority: 1,
      ...configs[id],
    },
  }));
  const handler = {
    connect: ({ id }: ProviderConfig) => ({
      listModels: async () => serves,
      generate: (call: ModelCall, onDelta?: (text: string) => void) => {
        called.push(id);
        seen.push(call);
        streamed.push(onDelta !== undefined);
        return (behaviours[id] ?? says('extractive'))(call, onDelta);
      },
    }),
  };
  const contributions = {
    list: () => ['fake', 'builtin'].map((name) => ({ name, instance: handler, pluginId: 'models' })),
  } as unknown as Contributions;
  const settings = settingsFrom({ PROVIDER_PROBES: false });
  const registry = { list: async () => all } as unknown as ProviderRegistry;
  const outbound = { fetch: () => () => Promise.reject(new Error('not fetched here')) } as unknown as OutboundClient;
  const registered = new Metrics();
  const metrics = new ModelMetrics(registered);
  const logger = { warn: () => undefined, info: () => undefined } as unknown as Logger;
  const connections = new Connections(contributions, settings, clock, outbound, metrics, logger);
  const routes = new Routes(registry, connections, settings);
  const booked: BookedCall[] = [];
  const gate: { hold: BudgetGate['hold'] } = { hold: async () => undefined };
  const book = { add: (call: BookedCall) => void booked.push(call) } as unknown as UsageBook;
  const accounts = new Accounts(book, gate as BudgetGate, metrics);
  const router = new ModelRouter(routes, accounts, metrics, clock);
  const controller = new AbortController();
  const ctx = {
    tenantId: 't',
    signal: controller.signal,
    logger: { warn: () => undefined },
  } as unknown as RequestContext;
  const signals: ModelSignal[] = [];
  const ask = (model: ModelReference = { route: 'default' }) =>
    router.generate(ctx, { model, messages: [{ role: 'user', text: 'Hi' }] }, (signal) => signals.push(signal));
  const samples = async () => (await registered.registry.metrics()).split('\n');
  return {
    ask,
    samples,
    booked,
    gate,
    called,
    seen,
    signals,
    clock,
    controller,
    routes,
    router,
    streamed,
    ctx,
    all,
    serves,
  };
}
