import { Inject, Injectable } from '@nestjs/common';
import {
  AppError,
  type ErrorDetail,
  NotFoundError,
  type RequestContext,
  UnavailableError,
  ValidationError,
} from '@guildhall/sdk';
import { type RegisteredTool, TOOL_SOURCES, type ToolSource } from './tool-source.js';

const PLUGIN_UNAVAILABLE = 'plugin_unavailable';

type LookedUp = { readonly tool: RegisteredTool } | { readonly fault: ErrorDetail };

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

  /** The named tools in the order given. Throws with a fault for every name that is unknown or of a plugin that is away. */
  async getAll(ctx: RequestContext, names: readonly string[]): Promise<RegisteredTool[]> {
    const found = await Promise.all(names.map((name, index) => this.lookUp(ctx, name, `tools[${index}]`)));
    const faults = found.flatMap((one) => ('fault' in one ? [one.fault] : []));
    if (faults.length > 0) throw refusal(faults);
    return found.flatMap((one) => ('tool' in one ? [one.tool] : []));
  }

  private async lookUp(ctx: RequestContext, name: string, path: string): Promise<LookedUp> {
    try {
      const tool = await this.find(ctx, name);
      if (tool) return { tool };
      const message = `No tool is named '${name}': GET /api/v1/tools lists those there are`;
      return { fault: { path, code: 'invalid_reference', message } };
    } catch (error) {
      if (!AppError.is(error) || error.code !== PLUGIN_UNAVAILABLE) throw error;
      return { fault: { path, code: PLUGIN_UNAVAILABLE, message: error.message } };
    }
  }
}

/** `plugin_unavailable` only where nothing else is wrong: an unknown name stays unknown when the plugin is back. */
function refusal(faults: readonly ErrorDetail[]): AppError {
  const lasting = faults.filter(({ code }) => code !== PLUGIN_UNAVAILABLE);
  if (lasting.length === 0) return new UnavailableError(PLUGIN_UNAVAILABLE, faults[0]!.message, { details: faults });
  const message = lasting.length === 1 ? lasting[0]!.message : `${lasting.length} tools named here do not exist`;
  return new ValidationError(message, faults, 'invalid_reference');
}
