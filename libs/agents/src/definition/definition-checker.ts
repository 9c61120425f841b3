import { Inject, Injectable } from '@nestjs/common';
import {
  type AgentDefinition,
  type AgentKindHandler,
  type AgentKindOptions,
  AppError,
  COLLECTION_DIRECTORY,
  type CollectionDirectory,
  type ErrorDetail,
  PROVIDER_DIRECTORY,
  type ProviderDirectory,
  type RequestContext,
  TOOL_EXECUTOR,
  type ToolExecutor,
} from '@guildhall/sdk';
import { CONTRIBUTIONS, type Contributions } from '@guildhall/core';
import { outputSchemaFaults } from './output-schema.js';
import { type ParsedDefinition, parseDefinition } from './parse-definition.js';

/** How an executor says that it does not have a tool: for good, or for now. */
const UNUSABLE: ReadonlySet<string> = new Set(['invalid_reference', 'plugin_unavailable']);

/** Says everything that is wrong with a definition: its fields, and what it refers to. */
@Injectable()
export class DefinitionChecker {
  constructor(
    @Inject(CONTRIBUTIONS) private readonly contributions: Contributions,
    @Inject(TOOL_EXECUTOR) private readonly tools: ToolExecutor,
    @Inject(COLLECTION_DIRECTORY) private readonly collections: CollectionDirectory,
    @Inject(PROVIDER_DIRECTORY) private readonly providers: ProviderDirectory,
  ) {}

  /** What `stored` refers to already is not looked up: that it has gone must not stop a change of anything else. */
  async check(ctx: RequestContext, input: object, stored?: AgentDefinition): Promise<ParsedDefinition> {
    const { definition, faults } = parseDefinition(input, this.kinds());
    const broken = new Set(faults.map(({ path }) => path.split(/[.[]/)[0]));
    const references = await Promise.all([
      broken.has('tools') || broken.has('approvals') ? [] : this.unknownTools(ctx, definition, stored),
      broken.has('knowledge') ? [] : this.unknownCollections(ctx, definition, stored),
      broken.has('model') ? [] : this.unknownProvider(ctx, definition, stored),
    ]);
    const filters = broken.has('knowledge') ? [] : this.filterFaults(definition);
    const { outputSchema } = definition;
    const schema = broken.has('outputSchema') || !outputSchema ? [] : await outputSchemaFaults(outputSchema);
    return { definition, faults: [...faults, ...schema, ...filters, ...references.flat()] };
  }

  private kinds(): AgentKindOptions[] {
    return this.contributions.list<AgentKindHandler, AgentKindOptions>('agent-kind').map(({ options }) => options);
  }

  private async unknownTools(
    ctx: RequestContext,
    definition: AgentDefinition,
    stored?: AgentDefinition,
  ): Promise<ErrorDetail[]> {
    const known = new Set(stored && toolsOf(stored).map(({ name }) => name));
    const places = toolsOf(definition).filter(({ name }) => !known.has(name));
    const faults = await this.describeFaults(
      ctx,
      places.map(({ name }) => name),
    );
    // The executor counts through the names it was given; the caller knows them by their place in the definition.
    return faults.map(({ path, code, message }) => {
      const place = places[Number(/\d+/.exec(path)?.[0])];
      return { path: place?.path ?? path, code, message };
    });
  }

  private async describeFaults(ctx: RequestContext, names: readonly string[]): Promise<readonly ErrorDetail[]> {
    try {
      await this.tools.describe(ctx, names);
      return [];
    } catch (error) {
      if (AppError.is(error) && UNUSABLE.has(error.code)) return error.details ?? [];
      throw error;
    }
  }

  private async unknownCollections(
    ctx: RequestContext,
    definition: AgentDefinition,
    stored?: AgentDefinition,
  ): Promise<ErrorDetail[]> {
    const known = new Set(stored && collectionsOf(stored).map(({ id }) => id));
    const places = collectionsOf(definition).filter(({ id }) => !known.has(id));
    if (places.length === 0) return [];
    const ids = places.map(({ id }) => id);
    const missing = new Set(await this.collections.missing(ctx, ids));
    return places.flatMap(({ id, path }) => {
      const message = `No collection with id '${id}': GET /api/v1/collections lists yours`;
      return missing.has(id) ? [{ path, code: 'invalid_reference', message }] : [];
    });
  }

  private async unknownProvider(
    ctx: RequestContext,
    { model: { provider } }: AgentDefinition,
    stored?: AgentDefinition,
  ): Promise<ErrorDetail[]> {
    if (provider === undefined || provider === stored?.model.provider) return [];
    const missing = await this.providers.missing(ctx, [provider]);
    const message = `No provider '${provider}': GET /api/v1/providers lists those there are`;
    return missing.map(() => ({ path: 'model.provider', code: 'invalid_reference', message }));
  }

  private filterFaults({ knowledge }: AgentDefinition): ErrorDetail[] {
    return knowledge.flatMap(({ filter = {} }, i) =>
      this.collections.filterFaults(filter).map((fault) => ({
        ...fault,
        path: `knowledge[${i}].${fault.path}`,
      })),
    );
  }
}

function toolsOf({ tools, approvals }: AgentDefinition) {
  return [
    ...tools.map((name, i) => ({ name, path: `tools[${i}]` })),
    ...approvals.map(({ tool }, i) => ({ name: tool, path: `approvals[${i}].tool` })),
  ];
}

function collectionsOf({ knowledge }: AgentDefinition) {
  return knowledge.map(({ collectionId }, i) => ({ id: collectionId, path: `knowledge[${i}].collectionId` }));
}
