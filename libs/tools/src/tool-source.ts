import type { RequestContext, ToolContext, ToolEffect } from '@guildhall/sdk';
import type { ErrorDetail } from '@guildhall/sdk';

/** What a source's check of an input says: the value for the tool, or every fault in it. */
export type CheckedInput =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly faults: readonly ErrorDetail[] };

/** A tool ready to be described and run, wherever it came from. */
export interface RegisteredTool {
  /** What routes name it by; a contributed tool's is its name. */
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly description: string;
  /** The plugin that contributes it; null where a tenant made it. */
  readonly plugin: string | null;
  readonly effect: ToolEffect;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  /** JSON Schema 2020-12. */
  readonly inputSchema: Record<string, unknown>;
  check(input: unknown): CheckedInput;
  run(input: unknown, ctx: ToolContext): Promise<unknown>;
}

/** One place tools come from. The registry asks each in turn, so the first to know a name owns it. */
export interface ToolSource {
  list(ctx: RequestContext): Promise<readonly RegisteredTool[]>;
  /** By name, the way agents and approvals speak of tools. */
  findByName(ctx: RequestContext, name: string): Promise<RegisteredTool | undefined>;
  /** By id, the way routes do. */
  findById(ctx: RequestContext, id: string): Promise<RegisteredTool | undefined>;
}

export const TOOL_SOURCES = Symbol.for('guildhall.tool-sources');
