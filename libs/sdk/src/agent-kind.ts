import type { z } from 'zod';
import { contribute } from './contribution.js';
import type { LinkPolicy, ModelReference } from './model.js';
import type { RunnableAgent } from './agent-runner.js';
import type { RequestContext } from './request-context.js';
import type { Answer, Answerer, RunContext } from './run-context.js';

export interface RunLimits {
  readonly maxSteps: number;
  readonly maxTokens: number;
  readonly maxCostMicroUsd: number;
  readonly timeoutMs: number;
}

/** What all kinds of agents share; a kind adds its own fields. */
export interface AgentDefinition {
  readonly name: string;
  readonly kind: string;
  readonly description?: string;
  readonly instructions: string;
  readonly model: ModelReference;
  readonly tools: readonly string[];
  readonly knowledge: readonly {
    readonly collectionId: string;
    readonly topK?: number;
    readonly filter?: Record<string, unknown>;
  }[];
  readonly memory: { readonly window: number; readonly recall: number };
  readonly limits: RunLimits;
  readonly approvals: readonly { readonly tool: string; readonly when: 'always'; readonly by?: Answerer }[];
  /** JSON Schema of an object: a kind that ends with a model's reply ends with such a value, in `data` of its answer. */
  readonly outputSchema?: Record<string, unknown>;
  /** Absent: `any`. */
  readonly links?: LinkPolicy;
  readonly metadata: Record<string, unknown>;
}

export interface AgentKindOptions {
  readonly kind: string;
  readonly description: string;
  /** Fields this kind adds to the definition (a zod object); absent: none. */
  readonly definition?: z.ZodObject;
}

/** An ordinary async function over a `RunContext`, durable because everything it does is recorded. */
export interface AgentKindHandler<Definition extends AgentDefinition = AgentDefinition> {
  run(ctx: RunContext, agent: Definition): Promise<Answer>;
}

export const AgentKind = (options: AgentKindOptions): ClassDecorator => contribute('agent-kind', options.kind, options);

/** Implemented by the agents lib: the run engine asks it which immutable version a run executes. */
export interface AgentCatalog {
  /**
   * For a new run; `version` absent: the published one. Throws `agent_not_found`, `agent_version_not_found`, or the
   * conflict `agent_archived` or `agent_inactive`. With `use: 'continue'` (a run that pinned its version before) only the
   * version itself must exist.
   */
  resolve(ctx: RequestContext, agentId: string, version?: number, use?: 'start' | 'continue'): Promise<ResolvedAgent>;
  /** The tenant's agents in service, each name once, in the order of the names. */
  runnable(ctx: RequestContext): Promise<readonly RunnableAgent[]>;
  /** The id of the agent in service that has this id, or else the newest of this name. Throws `agent_not_found`. */
  idOf(ctx: RequestContext, nameOrId: string): Promise<string>;
  /** Those of `ids` that are no agent of this tenant, in the order given; an archived one is one. */
  missing(ctx: RequestContext, ids: readonly string[]): Promise<readonly string[]>;
}

export interface ResolvedAgent {
  readonly agentId: string;
  readonly version: number;
  readonly definition: AgentDefinition;
}

export const AGENT_CATALOG = Symbol.for('guildhall.agent-catalog');
