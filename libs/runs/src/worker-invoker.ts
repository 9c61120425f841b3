import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  type Answer,
  AppError,
  AuthorizationError,
  ConflictError,
  type ModelMessage,
  type ModelReply,
  type ModelRequest,
  NotFoundError,
  type RequestContext,
  type RetrievalQuery,
  type RetrievalResult,
  type RunContext,
  type RunInput,
  type ToolCall,
  type ToolResult,
  type ToolSpec,
  UpstreamError,
  ValidationError,
  type WorkerHandler,
  type WorkerInvocation,
  type WorkerInvoker,
  type WorkerOptions,
  type WorkerOutcome,
  hasScope,
} from '@guildhall/sdk';
import { zodFaults } from '@guildhall/core';
import { EngineContracts } from './engine/engine-contracts.js';

/** Calls a worker for a client, outside any run. */
@Injectable()
export class WorkerInvokerService implements WorkerInvoker {
  constructor(private readonly contracts: EngineContracts) {}

  async invoke(ctx: RequestContext, name: string, invocation: WorkerInvocation): Promise<WorkerOutcome> {
    const started = performance.now();
    const input: RunInput = invocation.text === undefined ? {} : { text: invocation.text };
    const output = await new UnrecordedContext(this.contracts, ctx, input).worker(name, invocation.data, 'input');
    return { output, durationMs: Math.round(performance.now() - started) };
  }
}

/** A `RunContext` without a run: each call simply happens. There is no agent, so the key's scopes say what may. */
class UnrecordedContext implements RunContext {
  readonly runId = `invocation-${randomUUID()}`;
  readonly threadId = '';
  readonly agentId = '';
  private calls = 0;

  constructor(
    private readonly contracts: EngineContracts,
    readonly request: RequestContext,
    readonly input: RunInput,
  ) {}

  get signal(): AbortSignal {
    return this.request.signal;
  }

  async conversation(): Promise<ModelMessage[]> {
    const { text } = this.input;
    return text === undefined ? [] : [{ role: 'user', text }];
  }

  tools(names: readonly string[]): Promise<ToolSpec[]> {
    return this.contracts.tools.describe(this.request, names);
  }

  async model(request: ModelRequest): Promise<ModelReply> {
    this.signal.throwIfAborted();
    return this.contracts.models.generate(this.request, request);
  }

  async tool(call: ToolCall): Promise<ToolResult> {
    this.signal.throwIfAborted();
    this.demand('tools:write');
    const key = { callId: call.id, idempotencyKey: `${this.runId}:${call.id}:${++this.calls}` };
    return this.contracts.tools.execute({ ...this.request, ...key, groups: [], collectionIds: [] }, call);
  }

  async retrieve(query: RetrievalQuery): Promise<RetrievalResult> {
    this.signal.throwIfAborted();
    this.demand('knowledge:read');
    return this.contracts.retriever.retrieve(this.request, { ...query, groups: [] });
  }

  async worker(name: string, data: unknown, field = 'data'): Promise<unknown> {
    this.signal.throwIfAborted();
    const worker = this.contracts.contributions.find<WorkerHandler, WorkerOptions>('worker', name);
    if (!worker) throw new NotFoundError('worker', name);
    const parsed = worker.options.data.safeParse(data);
    if (!parsed.success) {
      const faults = zodFaults(parsed.error.issues, data, { root: field });
      throw new ValidationError(`The input of the worker '${name}' is not valid`, faults);
    }
    try {
      return (await worker.instance.process(this, parsed.data)) ?? null;
    } catch (error) {
      if (this.signal.aborted || AppError.is(error)) throw error;
      this.request.logger.error({ err: error, worker: name }, 'A worker threw');
      throw new UpstreamError('worker_failed', `The worker '${name}' failed unexpectedly`, {
        cause: error,
        retryable: false,
      });
    }
  }

  ask(): Promise<never> {
    const message = 'The worker asks a person, for which only a run can wait: let an agent call it in a run';
    return Promise.reject(new ConflictError('worker_needs_run', message));
  }

  async now(): Promise<number> {
    return Date.now();
  }

  async random(): Promise<number> {
    return Math.random();
  }

  answer(reply: ModelReply | Answer): Answer {
    if (!('toolCalls' in reply)) return reply;
    const { text, citations, data } = reply;
    return data === undefined ? { text, citations } : { text, citations, data };
  }

  private demand(scope: string): void {
    if (hasScope(this.request.actor, scope)) return;
    throw new AuthorizationError(`What this worker does needs an API key with the scope '${scope}'`);
  }
}
