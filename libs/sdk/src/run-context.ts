import type { ModelMessage, ModelReply, ModelRequest } from './model.js';
import type { RequestContext } from './request-context.js';
import type { Citation, RetrievalQuery, RetrievalResult } from './retriever.js';
import type { ToolCall, ToolResult, ToolSpec } from './tool.js';

export type InterruptKind = 'approval' | 'question' | 'choice' | 'unknown_effect';

/** Who may answer: any key with the scope that the kind needs, or none that started the run. */
export type Answerer = 'anyone' | 'other';

export interface InterruptRequest {
  readonly kind: InterruptKind;
  readonly prompt: string;
  readonly toolCall?: ToolCall;
  /** JSON Schema of the value a person answers with. */
  readonly responseSchema?: Record<string, unknown>;
  /** Default `anyone`. */
  readonly by?: Answerer;
  /** Default 24 h. */
  readonly expiresInMs?: number;
}

export interface InterruptResponse {
  readonly decision: 'approve' | 'reject' | 'done' | 'retry';
  readonly value?: unknown;
  readonly comment?: string;
}

export interface RunInput {
  readonly text?: string;
  readonly parts?: readonly unknown[];
  readonly data?: unknown;
}

/** What a run ends with. */
export interface Answer {
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly choices?: readonly unknown[];
  readonly data?: Record<string, unknown>;
}

/**
 * An agent's only way to touch the world. Every method but `answer` is a recorded step: after a crash the same
 * function is called again and recorded steps answer at once, so the function itself must be deterministic: take the
 * time from `now`, chance from `random`, and call the methods in the same order for the same answers.
 */
export interface RunContext {
  readonly runId: string;
  readonly threadId: string;
  readonly agentId: string;
  readonly request: RequestContext;
  readonly input: RunInput;
  /** Aborts on cancellation, exceeded time, a lost lease and shutdown. */
  readonly signal: AbortSignal;

  /** The thread's window as messages for a model, this run's steps included. */
  conversation(): Promise<ModelMessage[]>;
  /** The agent's tools as a model sees them. */
  tools(names: readonly string[]): Promise<ToolSpec[]>;
  model(request: ModelRequest): Promise<ModelReply>;
  /** A failing tool is a result, not an exception. */
  tool(call: ToolCall): Promise<ToolResult>;
  worker(name: string, data: unknown): Promise<unknown>;
  retrieve(query: RetrievalQuery): Promise<RetrievalResult>;
  /** Suspends the run until a person answers; costs no process while it waits. */
  ask(interrupt: InterruptRequest): Promise<InterruptResponse>;
  /** Milliseconds since the epoch, the same on every replay. */
  now(): Promise<number>;
  /** In [0, 1), the same on every replay. */
  random(): Promise<number>;
  /** Ends the run with a model's reply, or with an answer of the agent's own. */
  answer(reply: ModelReply | Answer): Answer;
}
