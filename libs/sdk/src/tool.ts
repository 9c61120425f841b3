import type { z } from 'zod';
import { contribute } from './contribution.js';
import type { ErrorCategory } from './errors.js';
import type { RequestContext } from './request-context.js';

/**
 * What repeating a call does to the world. `read`: nothing. `idempotent`: the second call with the same key changes
 * nothing more. `unsafe`: it happens twice, so an unknown outcome is never repeated without a person's decision. Unknown
 * is the outcome of a call that was cut off: its process died, its time was up, or its connection broke.
 */
export type ToolEffect = 'read' | 'idempotent' | 'unsafe';

export interface ToolOptions {
  /** `calculator`; a plugin's tool carries its namespace: `weather.current`. */
  readonly name: string;
  /** Read by the model: says when to use the tool and what comes back. */
  readonly description: string;
  /** A zod object; its JSON Schema is what the model sees, its parse is what the handler gets. */
  readonly input: z.ZodType;
  readonly effect: ToolEffect;
  /** Default 10 000 ms. */
  readonly timeoutMs?: number;
}

/** What a tool call may know beside its input. `signal` aborts on timeout, cancellation and shutdown. */
export interface ToolContext extends RequestContext {
  /** The same on every attempt of this call: hand it to whatever the tool changes. */
  readonly idempotencyKey: string;
  readonly callId: string;
  readonly runId?: string;
  /** The end user's groups, as far as the caller's key was trusted to name them. */
  readonly groups: readonly string[];
  /** The end user's IANA time zone, where the caller named it: the default of every tool that tells or reads times. */
  readonly timeZone?: string;
  /** The end user's BCP 47 language tag, where the caller named it: the default of every tool that writes for people. */
  readonly locale?: string;
  /** Collections the calling agent may read; empty outside a run. */
  readonly collectionIds: readonly string[];
  /** Tools the calling agent was granted: any other is refused. Absent outside a run, where the key's scopes decide. */
  readonly grantedTools?: readonly string[];
}

/**
 * Throw an `AppError` to say why; inside a run the model reads the message and goes on. A `ValidationError` says that the
 * arguments were wrong: a model that does not mend them within two more tries ends its run. Whatever you throw says that
 * the call failed, but for a `TimeoutError`, an abort and a broken connection (as the error or its `cause`): these leave
 * open whether it took effect.
 */
export interface ToolHandler<Input = unknown> {
  execute(input: Input, ctx: ToolContext): Promise<unknown> | unknown;
}

/**
 * @example
 * \@Tool({ name: 'weather.current', description: 'Current weather for a place', input: Place, effect: 'read' })
 * export class CurrentWeather implements ToolHandler<Place> { … }
 */
export const Tool = (options: ToolOptions): ClassDecorator => contribute('tool', options.name, options);

/** A tool as a model sees it. `inputSchema` is JSON Schema 2020-12. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Record<string, unknown>;
  readonly effect: ToolEffect;
}

export interface ToolCall {
  /** Unique within the run. */
  readonly id: string;
  readonly tool: string;
  readonly input: unknown;
  /** Why the input is no value but a piece of what the model wrote. Such a call is answered with this and not made. */
  readonly inputFault?: string;
}

export interface ToolFailure {
  readonly code: string;
  readonly message: string;
  readonly category: ErrorCategory;
  /** Whether the same call may succeed when repeated unchanged. */
  readonly retryable: boolean;
}

export type ToolResult =
  | { readonly ok: true; readonly output: unknown; readonly durationMs: number }
  | { readonly ok: false; readonly error: ToolFailure; readonly durationMs: number };

/** What an executor knows of a call that it has made. `unknown`: it was cut off, and may have taken effect all the same. */
export type ToolExecution = ToolResult & { readonly outcome?: 'unknown' };

/** Implemented by the tools lib; the run engine meets it here. */
export interface ToolExecutor {
  /**
   * The named tools of this tenant, in the order given. Throws with a fault for each that cannot be had:
   * `invalid_reference` where one is unknown, `plugin_unavailable` where they only belong to plugins that are disabled
   * or failed.
   */
  describe(ctx: RequestContext, names: readonly string[]): Promise<ToolSpec[]>;
  /** Validates, authorises, runs under its timeout and caps the output. Never throws for a failing tool, only for an abort. */
  execute(ctx: ToolContext, call: ToolCall): Promise<ToolExecution>;
}

export const TOOL_EXECUTOR = Symbol.for('guildhall.tool-executor');
