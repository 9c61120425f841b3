import type { ModelMessage, TokenUsage } from './model.js';
import type { RequestContext } from './request-context.js';
import type { Answer, RunInput } from './run-context.js';

/** A run that somebody else's protocol asks for: the conversation comes with the request, nothing is kept before it. */
export interface AgentRunRequest {
  /** Of a published agent of the tenant. */
  readonly agentName: string;
  /** What was said before, oldest first: the new thread begins with it, or goes on with it. */
  readonly history: readonly ModelMessage[];
  readonly input: RunInput;
  /** The end user, in the words of the caller. */
  readonly userId?: string;
  /**
   * A run that this one comes after, on its thread. Where the thread has gone on since, or `history` says more, on a copy
   * of the thread that ends with that run. Throws `thread_not_found`, and `thread_busy` while a run of it is active.
   */
  readonly continues?: { readonly runId: string; readonly threadId: string };
  /**
   * The parameter by which the caller asks for JSON. An agent with an `outputSchema` answers so; of another `run` throws
   * `unsupported_parameter`, which names the parameter.
   */
  readonly jsonAskedBy?: string;
}

export interface AgentRunResult {
  readonly runId: string;
  readonly threadId: string;
  /** `waiting`: a person must answer before it goes on; `prompt` says what. */
  readonly outcome:
    { readonly status: 'succeeded'; readonly output: Answer } | { readonly status: 'waiting'; readonly prompt: string };
  readonly usage: TokenUsage;
}

/**
 * What happens while a run is under way. The deltas after the last `restart`, joined, are what the agent said: its
 * remarks on the way, if any, each ended by a blank line, and the answer's text.
 */
export type AgentRunSignal = { readonly type: 'delta'; readonly text: string } | { readonly type: 'restart' };

export interface RunnableAgent {
  readonly name: string;
  readonly createdAt: Date;
}

/** Runs agents for surfaces that know no runs; implemented by the runs lib. */
export interface AgentRunner {
  /** The tenant's agents that `run` takes. */
  list(ctx: RequestContext): Promise<readonly RunnableAgent[]>;
  /**
   * Resolves when the run rests. `onSignal` present: its text is handed on as it comes. Throws `agent_not_found`, and
   * the error of a run that failed or was cancelled. `ctx.signal` cancels the run.
   */
  run(
    ctx: RequestContext,
    request: AgentRunRequest,
    onSignal?: (signal: AgentRunSignal) => void,
  ): Promise<AgentRunResult>;
}

export const AGENT_RUNNER = Symbol.for('guildhall.agent-runner');
