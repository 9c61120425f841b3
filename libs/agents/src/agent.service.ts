import { Injectable } from '@nestjs/common';
import { ConflictError, type RequestContext } from '@guildhall/sdk';
import { Cursors, Database, type Page, type Revisions, newId } from '@guildhall/core';
import { AgentCatalogService } from './agent-catalog.service.js';
import { readAgentInput, refuse } from './agent-input.js';
import type { AgentRecord } from './agent-record.js';
import { AgentVersionRepository } from './agent-version.repository.js';
import type { AgentListQuery, ValidationReportDto } from './agent.dto.js';
import { AgentRepository } from './agent.repository.js';
import { DefinitionChecker } from './definition/definition-checker.js';
import { mergeDraft } from './definition/merge-draft.js';
import { refuseArchived, refuseStale } from './guards.js';

const LOST_RACES = 3;

@Injectable()
export class AgentService {
  constructor(
    private readonly database: Database,
    private readonly agents: AgentRepository,
    private readonly versions: AgentVersionRepository,
    private readonly checker: DefinitionChecker,
    private readonly catalog: AgentCatalogService,
    private readonly cursors: Cursors,
  ) {}

  /** Stores the agent and publishes its version 1, so it runs at once. */
  async create(ctx: RequestContext, body: unknown): Promise<AgentRecord> {
    const input = readAgentInput(body);
    const { definition: draft, faults } = await this.checker.check(ctx, input.definition);
    refuse([...input.faults, ...faults]);
    const { type = null, status = 'active', owner = ctx.actor.id, isActive = true } = input.properties;
    return this.database.transaction(ctx, async (tx) => {
      const agent = await this.agents.insert(tx, ctx, { id: newId('agt'), owner, type, status, isActive, draft });
      await this.versions.freeze(tx, ctx, agent, { status: 'published', note: null });
      return agent;
    });
  }

  /** Every fault of what would be an agent; stores nothing. */
  async validate(ctx: RequestContext, body: unknown): Promise<ValidationReportDto> {
    const input = readAgentInput(body);
    const checked = await this.checker.check(ctx, input.definition);
    const faults = [...input.faults, ...checked.faults];
    return { valid: faults.length === 0, faults };
  }

  get(ctx: RequestContext, id: string): Promise<AgentRecord> {
    return this.agents.get(this.database.manager, ctx, id);
  }

  async list(ctx: RequestContext, query: AgentListQuery): Promise<Page<AgentRecord>> {
    const { limit: _, cursor: __, total, ...filter } = query;
    const keyset = this.cursors.read(ctx, 'agents', query, filter);
    const rows = await this.agents.list(this.database.manager, ctx, filter, keyset);
    const count = total ? await this.agents.count(this.database.manager, ctx, filter) : undefined;
    return this.cursors.page(ctx, 'agents', query, rows, filter, count);
  }

  /** Edits the draft, and the agent's own properties. With `revisions`, only if nobody changed the agent since. */
  async update(ctx: RequestContext, id: string, body: unknown, revisions?: Revisions): Promise<AgentRecord> {
    const { definition: patch, properties, faults } = readAgentInput(body);
    // References are looked up between reading and writing, outside a transaction: the write then insists that the
    // agent is still the one that was read, and starts over when it is not.
    for (let lost = 0; lost < LOST_RACES; lost++) {
      const agent = await this.get(ctx, id);
      refuseArchived(agent);
      refuseStale(agent, revisions);
      const checked = await this.checker.check(ctx, mergeDraft(agent.draft, patch), agent.draft);
      refuse([...faults, ...checked.faults]);
      const change = { ...agent, ...properties, ...cleared(body), draft: checked.definition };
      const changed = await this.agents.change(this.database.manager, ctx, change);
      if (changed) return this.forget(ctx, changed);
    }
    throw new ConflictError('conflict', `The agent '${id}' is being changed by others: try again`, { retryable: true });
  }

  /** Takes the agent out of lists and refuses new runs; runs under way end as they would. Again: the same. */
  async archive(ctx: RequestContext, id: string, revisions?: Revisions): Promise<AgentRecord> {
    const archived = await this.database.transaction(ctx, async (tx) => {
      const agent = await this.agents.lock(tx, ctx, id);
      refuseStale(agent, revisions);
      return agent.archivedAt ? agent : this.agents.archive(tx, ctx, id);
    });
    return this.forget(ctx, archived);
  }

  private forget(ctx: RequestContext, agent: AgentRecord): AgentRecord {
    this.catalog.forget(ctx, agent.id);
    return agent;
  }
}

/** A `type` of null takes the type away; for the other properties null means nothing and changes nothing. */
function cleared(body: unknown): { type?: null } {
  return (body as { type?: unknown }).type === null ? { type: null } : {};
}
