import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { RequestContext, ToolHandler, ToolOptions } from '@guildhall/sdk';
import { CONTRIBUTIONS, type Contribution, type Contributions, zodFaults } from '@guildhall/core';
import type { CheckedInput, RegisteredTool, ToolSource } from './tool-source.js';

type ToolContribution = Contribution<ToolHandler, ToolOptions>;

const OWN_PLUGIN = 'tools';
const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_OUTPUT_BYTES = 256 * 1024;

/** The tools that code brings: our own and those of plugins. The same for every tenant. */
@Injectable()
export class ContributedTools implements ToolSource {
  // Keyed by instance: a plugin that is disabled and enabled again keeps its entry, one that is gone frees it.
  private readonly registered = new WeakMap<ToolHandler, RegisteredTool>();

  constructor(@Inject(CONTRIBUTIONS) private readonly contributions: Contributions) {}

  async list(_ctx: RequestContext): Promise<readonly RegisteredTool[]> {
    return this.contributions.list<ToolHandler, ToolOptions>('tool').map((tool) => this.register(tool));
  }

  async findByName(_ctx: RequestContext, name: string): Promise<RegisteredTool | undefined> {
    const tool = this.contributions.find<ToolHandler, ToolOptions>('tool', name);
    return tool && this.register(tool);
  }

  findById(ctx: RequestContext, id: string): Promise<RegisteredTool | undefined> {
    return this.findByName(ctx, id);
  }

  private register(tool: ToolContribution): RegisteredTool {
    const known = this.registered.get(tool.instance);
    if (known) return known;
    const made = registeredTool(tool);
    this.registered.set(tool.instance, made);
    return made;
  }
}

function registeredTool({ options, pluginId, instance }: ToolContribution): RegisteredTool {
  return {
    id: options.name,
    name: options.name,
    kind: pluginId === OWN_PLUGIN ? 'builtin' : 'plugin',
    description: options.description,
    plugin: pluginId,
    effect: options.effect,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    inputSchema: inputSchemaOf(options.input),
    check: (input) => checkWith(options.input, input),
    run: async (input, ctx) => instance.execute(input, ctx),
  };
}

/** What a caller may send, so `input` rather than what the parse yields. `$schema` is left out: each model call would pay for it. */
function inputSchemaOf(type: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(type, {
    target: 'draft-2020-12',
    io: 'input',
    unrepresentable: 'any',
  });
  return schema;
}

function checkWith(type: z.ZodType, input: unknown): CheckedInput {
  const parsed = type.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, faults: zodFaults(parsed.error.issues, input, { root: 'input' }) };
}
