import { Inject, Injectable } from '@nestjs/common';
import { type ErrorDetail, NotFoundError, type RequestContext, ValidationError } from '@guildhall/sdk';
import { type RegisteredTool, TOOL_SOURCES, type ToolSource } from './tool-source.js';

/** Every tool a tenant can name, over all sources. */
@Injectable()
export class ToolRegistry {
  constructor(@Inject(TOOL_SOURCES) private readonly sources: readonly ToolSource[]) {}

  async list(ctx: RequestContext): Promise<readonly RegisteredTool[]> {
    const lists = await Promise.all(this.sources.map((source) => source.list(ctx)));
    const byName = new Map<string, RegisteredTool>();
    for (const tool of lists.flat()) if (!byName.has(tool.name)) byName.set(tool.name, tool);
    return [...byName.values()];
  }

  async find(ctx: RequestContext, name: string): Promise<RegisteredTool | undefined> {
    for (const source of this.sources) {
      const tool = await source.findByName(ctx, name);
      if (tool) return tool;
    }
    return undefined;
  }

  async getById(ctx: RequestContext, id: string): Promise<RegisteredTool> {
    for (const source of this.sources) {
      const tool = await source.findById(ctx, id);
      if (tool) return tool;
    }
    throw new NotFoundError('tool', id);
  }

  /** The named tools in the order given; throws `invalid_reference` with every name that is unknown. */
  async getAll(ctx: RequestContext, names: readonly string[]): Promise<RegisteredTool[]> {
    const found = await Promise.all(names.map((name) => this.find(ctx, name)));
    const faults = names.flatMap((name, index): ErrorDetail[] => (found[index] ? [] : [unknownTool(name, index)]));
    if (faults.length > 0) throw new ValidationError(summary(faults), faults, 'invalid_reference');
    return found as RegisteredTool[];
  }
}

function unknownTool(name: string, index: number): ErrorDetail {
  const message = `No tool is named '${name}': GET /api/v1/tools lists those there are`;
  return { path: `tools[${index}]`, code: 'invalid_reference', message };
}

function summary(faults: readonly ErrorDetail[]): string {
  return faults.length === 1 ? faults[0]!.message : `${faults.length} tools named here do not exist`;
}
