import {
  type Answer,
  type InterruptRequest,
  type InterruptResponse,
  type ModelMessage,
  type ModelReply,
  type ModelRequest,
  type RequestContext,
  type RetrievalQuery,
  type RetrievalResult,
  type RunContext,
  type RunInput,
  type ToolCall,
  type ToolResult,
  type ToolSpec,
} from '@guildhall/sdk';
import type { AttemptState } from './attempt-state.js';
import { chance } from './chance.js';
import type { StepScope } from './step-scope.js';
import { ask } from './steps/ask-step.js';
import { performModelStep } from './steps/model-step.js';
import { performRetrieval } from './steps/retrieval-step.js';
import { performTool } from './steps/tool-step.js';
import { performWorker } from './steps/worker-step.js';
import type { ToolEffects } from './tool-effects.js';

/** The SDK's `RunContext`: numbers each step and hands it to the one who knows how. */
export class DurableRunContext implements RunContext {
  constructor(
    private readonly state: AttemptState,
    private readonly effects: ToolEffects,
    private readonly scope: StepScope,
  ) {}

  get runId(): string {
    return this.state.run.id;
  }
  get threadId(): string {
    return this.state.run.threadId;
  }
  get agentId(): string {
    return this.state.run.agentId;
  }
  get request(): RequestContext {
    return this.state.request;
  }
  get input(): RunInput {
    return this.state.run.input;
  }
  get signal(): AbortSignal {
    return this.state.request.signal;
  }

  conversation(): Promise<ModelMessage[]> {
    return this.state.pauses.during(() => this.state.conversation.messages());
  }

  tools(names: readonly string[]): Promise<ToolSpec[]> {
    return this.state.pauses.during(() => this.effects.describe(names));
  }

  async model(request: ModelRequest): Promise<ModelReply> {
    const key = this.scope.next();
    const reply = await performModelStep(this.state, key, request);
    if (this.scope.isTop) this.state.conversation.replied(reply);
    return reply;
  }

  async tool(call: ToolCall): Promise<ToolResult> {
    const key = this.scope.next();
    const result = await performTool(this.state, key, call, this.effects);
    if (this.scope.isTop) this.state.conversation.answered(call.id, result);
    return result;
  }

  worker(name: string, data: unknown): Promise<unknown> {
    const key = this.scope.next();
    const inner = () => new DurableRunContext(this.state, this.effects, this.scope.inside(key));
    return performWorker(this.state, key, name, data, inner);
  }

  retrieve(query: RetrievalQuery): Promise<RetrievalResult> {
    const key = this.scope.next();
    return performRetrieval(this.state, key, query);
  }

  ask(interrupt: InterruptRequest): Promise<InterruptResponse> {
    return ask(this.state, this.scope.next(), interrupt);
  }

  now(): Promise<number> {
    return this.state.now();
  }

  async random(): Promise<number> {
    return chance(`${this.runId} ${this.scope.next()}`);
  }

  answer(reply: ModelReply | Answer): Answer {
    if (!('toolCalls' in reply)) return reply;
    const { text, citations, data } = reply;
    return data === undefined ? { text, citations } : { text, citations, data };
  }
}
