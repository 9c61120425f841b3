import {
  type Contribution,
  type Contributions,
  type Database,
  type FanOut,
  Metrics,
  SetAside,
  type Settings,
} from '@guildhall/core';
import type {
  AgentCatalog,
  AgentDefinition,
  AgentKindHandler,
  Answer,
  ConversationMemory,
  EventBus,
  GenerateOptions,
  Logger,
  ModelGateway,
  ModelReply,
  ModelRequest,
  ModelSignal,
  RequestContext,
  Retriever,
  RunContext,
  ToolCall,
  ToolContext,
  ToolEffect,
  ToolExecution,
  ToolExecutor,
  WorkerOptions,
} from '@guildhall/sdk';
import type { z } from 'zod';
import { RunCommitter } from './commit/run-committer.js';
import { EngineContracts } from './engine/engine-contracts.js';
import { LeaseRepository } from './engine/lease.repository.js';
import { RunEngine } from './engine/run-engine.js';
import { RunHistory } from './engine/run-history.js';
import { RunWorkers } from './engine/run-workers.js';
import { Standstill } from './engine/standstill.js';
import { Sweeper } from './engine/sweeper.js';
import { TableStatistics } from './engine/table-statistics.js';
import { RunControl } from './run-control.service.js';
import { RunEnds } from './run-ends.js';
import { RunMetrics } from './run-metrics.js';
import { RunRetries } from './run-retries.js';
import { RunSettlement } from './run-settlement.js';
import { RunWaiter } from './run-waiter.js';
import { RunRepository } from './run.repository.js';
import { RunService } from './run.service.js';
import { RunEventRepository } from './streaming/run-event.repository.js';
import { RunSignals } from './streaming/run-signals.js';
import { RunWatch } from './streaming/run-watch.js';
import { ThreadQueue } from './threads/thread-queue.js';

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** As where there is no Redis: nobody but the database tells other processes. */
export const NO_FAN_OUT: FanOut = { up: false, publish: () => {}, subscribe: () => () => {} };

export const contextOf = (tenantId = 'ten_a', scopes: readonly string[] = ['*']): RequestContext => ({
  tenantId,
  actor: { kind: 'api-key', id: 'key_test', scopes },
  requestId: 'req-test',
  signal: new AbortController().signal,
  logger: silent,
});

export const replyOf = (text: string, toolCalls: readonly ToolCall[] = []): ModelReply => ({
  text,
  toolCalls,
  citations: [],
  finishReason: toolCalls.length > 0 ? 'tool-calls' : 'stop',
  usage: { inputTokens: 10, outputTokens: 5, cachedTokens: 1, costMicroUsd: 7 },
  provider: 'fake',
  model: 'scripted',
});

type Respond = (
  request: ModelRequest,
  ctx: RequestContext,
  onSignal: ((signal: ModelSignal) => void) | undefined,
  call: number,
) => ModelReply | Promise<ModelReply>;
type Use = (call: ToolCall, ctx: ToolContext) => ToolExecution | Promise<ToolExecution>;

/** The world around the engine, scripted: what the model says, what tools do, how the agent behaves. */
export class FakeWorld {
  agent: AgentDefinition = {
    name: 'test',
    kind: 'test',
    instructions: '',
    model: { route: 'default' },
    tools: ['look', 'pay', 'store'],
    knowledge: [],
    memory: { window: 20, recall: 0 },
    limits: { maxSteps: 12, maxTokens: 100_000, maxCostMicroUsd: 50_000, timeoutMs: 60_000 },
    approvals: [],
    metadata: {},
  };
  /** Further versions of the agent, from 2 on; those that are not here are as `agent`. */
  readonly versions: (AgentDefinition | undefined)[] = [];
  published = 1;
  run: (ctx: RunContext, agent: AgentDefinition) => Promise<Answer> = async (ctx, agent) => {
    for (;;) {
      const messages = await ctx.conversation();
      const reply = await ctx.model({ model: agent.model, messages });
      if (reply.toolCalls.length === 0) return ctx.answer(reply);
      await Promise.all(reply.toolCalls.map((call) => ctx.tool(call)));
    }
  };
  respond: Respond = (_request, _ctx, onSignal) => {
    onSignal?.({ type: 'selected', provider: 'test', model: 'test' });
    return replyOf('hello');
  };
  use: Use = () => ({ ok: true, output: 'done', durationMs: 1 });
  effects: Record<string, ToolEffect> = { look: 'read', store: 'idempotent', pay: 'unsafe' };
  readonly requests: ModelRequest[] = [];
  readonly options: GenerateOptions[] = [];
  readonly calls: { call: ToolCall; key: string }[] = [];
  readonly events: string[] = [];
  /** Where they say they come from. */
  readonly origins: Parameters<EventBus['emit']>[2][] = [];
  /** What the log says at the ends of runs. */
  readonly ended: object[] = [];
  private readonly workers = new Map<string, Contribution>();

  addWorker<Data>(
    name: string,
    data: z.ZodType<Data>,
    process: (ctx: RunContext, data: Data) => Promise<unknown>,
  ): void {
    const options: WorkerOptions = { name, description: '', data };
    this.workers.set(name, { kind: 'worker', name, options, pluginId: 'test', instance: { process } });
  }

  readonly models: ModelGateway = {
    generate: async (ctx, request, onSignal, options = {}) => {
      this.options.push(options);
      this.requests.push(request);
      return this.respond(request, ctx, onSignal, this.requests.length);
    },
  };
  readonly tools: ToolExecutor = {
    describe: async (_ctx, names) =>
      names.map((name) => ({ name, description: '', inputSchema: {}, effect: this.effects[name] ?? 'read' })),
    execute: async (ctx, call) => {
      this.calls.push({ call, key: ctx.idempotencyKey });
      return this.use(call, ctx);
    },
  };
  readonly retriever: Retriever = { retrieve: async () => ({ mode: 'lexical', hits: [] }) };
  readonly memory: ConversationMemory = { select: (_ctx, messages) => messages };
  readonly bus: EventBus = {
    emit: (type, _data, origin) => {
      this.events.push(type);
      this.origins.push(origin);
    },
    on: () => () => {},
  };
  readonly contributions: Contributions = {
    list: () => [],
    find: <Handler, Options>(kind: string, name: string) => {
      if (kind === 'worker') return this.workers.get(name) as Contribution<Handler, Options> | undefined;
      const instance: AgentKindHandler = { run: (ctx, agent) => this.run(ctx, agent) };
      return { kind, name, options: {}, pluginId: 'test', instance } as unknown as Contribution<Handler, Options>;
    },
  };
}

export interface HarnessOptions {
  readonly runWorkers?: boolean;
  readonly leaseMs?: number;
  readonly fanOut?: FanOut;
}

/** Everything of this lib wired by hand over a real database: one process, of which a test may have several. */
export function harness(
  database: Database,
  world: FakeWorld,
  { runWorkers = true, leaseMs = 15_000, fanOut = NO_FAN_OUT }: HarnessOptions = {},
) {
  const settings = { RUN_WORKERS: runWorkers, RUN_LEASE_MS: leaseMs } as Settings;
  const signals = new RunSignals(fanOut);
  const threads = new ThreadQueue();
  const metrics = new Metrics();
  const setAside = new SetAside(metrics, silent);
  const committer = new RunCommitter(database, settings, setAside);
  const contracts = new EngineContracts(world.contributions, world.models, world.tools, world.retriever, world.memory);
  const agents: AgentCatalog = {
    resolve: async (_ctx, _id, version = world.published) => {
      const definition = world.versions[version - 1] ?? world.agent;
      return { agentId: 'agt_test', version, definition };
    },
    runnable: async () => [{ name: world.agent.name, createdAt: new Date(0) }],
    idOf: async () => 'agt_test',
    missing: async (_ctx, ids) => ids.filter((id) => id !== 'agt_test'),
  };
  const standstill = new Standstill();
  const ends = new RunEnds(new RunMetrics(metrics, database), world.bus, {
    ...silent,
    info: (fields) => void world.ended.push(fields),
  });
  const engine = new RunEngine(
    database,
    committer,
    contracts,
    new RunHistory(database),
    threads,
    signals,
    standstill,
    agents,
    ends,
  );
  const leases = new LeaseRepository(database, settings);
  const settlement = new RunSettlement(threads);
  const sweeper = new Sweeper(database, leases, settlement, threads, agents, ends);
  const statistics = new TableStatistics(database);
  const workers = new RunWorkers(engine, leases, sweeper, statistics, standstill, database, signals, settings, {
    isShort: false,
  });
  const runs = new RunRepository(database);
  const waiter = new RunWaiter(runs, signals, new RunWatch(new RunEventRepository(database), silent));
  const control = new RunControl(database, runs, settlement, engine, waiter, signals, ends);
  const retries = new RunRetries(database, runs, threads, agents);
  const service = new RunService(committer, engine, control, waiter, runs, agents, settings);
  engine.start(silent, { onIdle: () => {}, onProgress: () => {} });
  return {
    settings,
    agents,
    signals,
    threads,
    committer,
    engine,
    leases,
    sweeper,
    statistics,
    workers,
    runs,
    waiter,
    control,
    ends,
    metrics,
    retries,
    service,
  };
}

export type Harness = ReturnType<typeof harness>;
