import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ConflictError, type RequestContext } from '@guildhall/sdk';
import { Cache, Cursors, Database, type Page, type PageQuery, type Revisions } from '@guildhall/core';
import { AgentCatalogService } from './agent-catalog.service.js';
import type { AgentRecord, VersionRecord } from './agent-record.js';
import { AgentVersionRepository } from './agent-version.repository.js';
import { AgentRepository } from './agent.repository.js';
import { refuseArchived, refuseStale } from './guards.js';

@Injectable()
export class AgentVersionService {
  constructor(
    private readonly database: Database,
    private readonly agents: AgentRepository,
    private readonly versions: AgentVersionRepository,
    private readonly catalog: AgentCatalogService,
    private readonly cursors: Cursors,
    private readonly cache: Cache,
  ) {}

  /** Freezes the draft as the next version, which runs only where it is named until it is published. */
  freeze(ctx: RequestContext, id: string, note: string | undefined, revisions?: Revisions): Promise<VersionRecord> {
    return this.changing(ctx, id, revisions, (tx, agent) =>
      this.versions.freeze(tx, ctx, agent, { status: 'draft', note: note ?? null }),
    );
  }

  /** Makes it the version that new runs take; the one it replaces is retired. */
  publish(ctx: RequestContext, id: string, version: number, revisions?: Revisions): Promise<VersionRecord> {
    return this.changing(ctx, id, revisions, async (tx, agent) => {
      await this.versions.get(tx, ctx, id, version);
      return this.makePublished(tx, ctx, agent, version);
    });
  }

  /** Publishes a version that was published before. */
  rollback(ctx: RequestContext, id: string, version: number, revisions?: Revisions): Promise<VersionRecord> {
    return this.changing(ctx, id, revisions, async (tx, agent) => {
      const { status } = await this.versions.get(tx, ctx, id, version);
      if (status === 'draft') {
        const message = `Version ${version} was never published, so there is nothing to go back to: publish it instead`;
        throw new ConflictError('version_never_published', message);
      }
      return this.makePublished(tx, ctx, agent, version);
    });
  }

  /** Cached under the agent's revision: publishing, which retires another version, makes it another one. */
  async get(ctx: RequestContext, id: string, version: number): Promise<VersionRecord> {
    const tx = this.database.manager;
    const { revision } = await this.agents.get(tx, ctx, id);
    const key = `${ctx.tenantId}:agent-version:${id}:${version}:${revision}`;
    const found = await this.cache.wrap(key, () => this.versions.get(tx, ctx, id, version));
    return { ...found, createdAt: new Date(found.createdAt) };
  }

  /** Newest first. */
  async list(ctx: RequestContext, id: string, query: PageQuery): Promise<Page<VersionRecord>> {
    await this.agents.get(this.database.manager, ctx, id);
    const list = `agents/${id}/versions`;
    const { limit, before } = this.cursors.read(ctx, list, query);
    const keyset = before === undefined ? { limit } : { limit, before: Number(before) };
    const rows = await this.versions.list(this.database.manager, ctx, id, keyset);
    const total = query.total ? await this.versions.count(this.database.manager, ctx, id) : undefined;
    const keyed = rows.map((row) => ({ id: String(row.version), row }));
    return this.cursors.page(ctx, list, query, keyed, {}, total).map(({ row }) => row);
  }

  private async makePublished(
    tx: EntityManager,
    ctx: RequestContext,
    agent: AgentRecord,
    version: number,
  ): Promise<VersionRecord> {
    if (agent.publishedVersion !== version) {
      await this.versions.publish(tx, ctx, agent.id, version);
      await this.agents.setPublished(tx, ctx, agent.id, version);
    }
    return this.versions.get(tx, ctx, agent.id, version);
  }

  private async changing<T>(
    ctx: RequestContext,
    id: string,
    revisions: Revisions,
    change: (tx: EntityManager, agent: AgentRecord) => Promise<T>,
  ): Promise<T> {
    const result = await this.database.transaction(ctx, async (tx) => {
      const agent = await this.agents.lock(tx, ctx, id);
      refuseArchived(agent);
      refuseStale(agent, revisions);
      return change(tx, agent);
    });
    this.catalog.forget(ctx, id);
    return result;
  }
}
