import { Injectable } from '@nestjs/common';
import {
  type AgentCatalog,
  ConflictError,
  type RequestContext,
  type ResolvedAgent,
  type RunnableAgent,
} from '@guildhall/sdk';
import { Database } from '@guildhall/core';
import type { AgentRecord } from './agent-record.js';
import { AgentVersionRepository } from './agent-version.repository.js';
import { AgentRepository } from './agent.repository.js';
import { refuseArchived } from './guards.js';
import { Recent } from './recent.js';

/** A list that has no pages must end somewhere. */
const MAX_LISTED = 10_000;

type Pointer = Pick<AgentRecord, 'id' | 'publishedVersion' | 'isActive' | 'archivedAt'>;

/**
 * Which definition a run executes, asked at every start. Versions never change, so they are kept as long as there is
 * room. What may change (the published version, being in service) is kept for a second at most: a change made by this
 * process holds at once, one made by another process within that second.
 */
@Injectable()
export class AgentCatalogService implements AgentCatalog {
  private readonly pointers = new Recent<Pointer>({ max: 10_000, ttlMs: 1000 });
  private readonly resolved = new Recent<ResolvedAgent>({ max: 1000 });

  constructor(
    private readonly database: Database,
    private readonly agents: AgentRepository,
    private readonly versions: AgentVersionRepository,
  ) {}

  async resolve(
    ctx: RequestContext,
    agentId: string,
    version?: number,
    use: 'start' | 'continue' = 'start',
  ): Promise<ResolvedAgent> {
    if (use === 'continue' && version !== undefined) return this.version(ctx, agentId, version);
    const pointer = await this.pointers.get(keyOf(ctx, agentId), () => this.pointer(ctx, agentId));
    refuseOutOfService(pointer);
    return this.version(ctx, agentId, version ?? pointer.publishedVersion);
  }

  runnable(ctx: RequestContext): Promise<readonly RunnableAgent[]> {
    return this.agents.runnable(this.database.manager, ctx, MAX_LISTED);
  }

  idOf(ctx: RequestContext, nameOrId: string): Promise<string> {
    return this.agents.idOf(this.database.manager, ctx, nameOrId);
  }

  async missing(ctx: RequestContext, ids: readonly string[]): Promise<readonly string[]> {
    const known = await this.agents.known(this.database.manager, ctx, ids);
    return ids.filter((id) => !known.has(id));
  }

  /** The agent changed here: do not answer from memory. */
  forget(ctx: RequestContext, agentId: string): void {
    this.pointers.forget(keyOf(ctx, agentId));
  }

  private async pointer(ctx: RequestContext, agentId: string): Promise<Pointer> {
    const { id, publishedVersion, isActive, archivedAt } = await this.agents.get(this.database.manager, ctx, agentId);
    return { id, publishedVersion, isActive, archivedAt };
  }

  private version(ctx: RequestContext, agentId: string, version: number): Promise<ResolvedAgent> {
    return this.resolved.get(keyOf(ctx, `${agentId}/${version}`), async () => {
      const { definition } = await this.versions.get(this.database.manager, ctx, agentId, version);
      return { agentId, version, definition };
    });
  }
}

function refuseOutOfService(agent: Pointer): void {
  refuseArchived(agent);
  if (agent.isActive) return;
  const message = `The agent '${agent.id}' is out of service: PATCH it with { "isActive": true } to run it`;
  throw new ConflictError('agent_inactive', message);
}

function keyOf(ctx: RequestContext, rest: string): string {
  return `${ctx.tenantId}:${rest}`;
}
