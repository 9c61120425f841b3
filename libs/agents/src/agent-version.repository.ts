import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { NotFoundError, type RequestContext } from '@guildhall/sdk';
import { ListedRows } from '@guildhall/core';
import type { AgentRecord, VersionRecord, VersionStatus } from './agent-record.js';

const COLUMNS = `agent_id AS "agentId", version, status, definition, note, created_at AS "createdAt"`;

@Injectable()
export class AgentVersionRepository {
  /** Freezes the agent's draft as its next version. The agent is locked, so numbers neither clash nor skip. */
  async freeze(
    tx: EntityManager,
    ctx: RequestContext,
    agent: Pick<AgentRecord, 'id' | 'draft'>,
    version: { readonly status: VersionStatus; readonly note: string | null },
  ): Promise<VersionRecord> {
    const rows = await tx.query<VersionRecord[]>(
      `INSERT INTO agent_versions (agent_id, version, tenant_id, status, definition, note)
       SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4::jsonb, $5 FROM agent_versions WHERE agent_id = $1 AND tenant_id = $2
       RETURNING ${COLUMNS}`,
      [agent.id, ctx.tenantId, version.status, JSON.stringify(agent.draft), version.note],
    );
    return rows[0]!;
  }

  async get(tx: EntityManager, ctx: RequestContext, agentId: string, version: number): Promise<VersionRecord> {
    const rows = await tx.query<VersionRecord[]>(
      `SELECT ${COLUMNS} FROM agent_versions WHERE agent_id = $1 AND version = $2 AND tenant_id = $3`,
      [agentId, version, ctx.tenantId],
    );
    if (!rows[0]) throw new NotFoundError('agent_version', `${agentId}/${version}`);
    return rows[0];
  }

  /** Newest first. */
  list(
    tx: EntityManager,
    ctx: RequestContext,
    agentId: string,
    { limit, before }: { readonly limit: number; readonly before?: number },
  ): Promise<ListedRows<VersionRecord>> {
    return ListedRows.read(
      tx,
      `SELECT ${COLUMNS} FROM agent_versions
       WHERE agent_id = $1 AND tenant_id = $2 AND ($3::int IS NULL OR version < $3)
       ORDER BY version DESC`,
      [agentId, ctx.tenantId, before ?? null],
      { limit },
    );
  }

  async count(tx: EntityManager, ctx: RequestContext, agentId: string): Promise<number> {
    const rows = await tx.query<{ total: number }[]>(
      `SELECT count(*)::int AS total FROM agent_versions WHERE agent_id = $1 AND tenant_id = $2`,
      [agentId, ctx.tenantId],
    );
    return rows[0]!.total;
  }

  /** Retires the published version and publishes this one. Two statements: the unique index allows one at every moment. */
  async publish(tx: EntityManager, ctx: RequestContext, agentId: string, version: number): Promise<void> {
    await tx.query(
      `UPDATE agent_versions SET status = 'retired' WHERE agent_id = $1 AND tenant_id = $2 AND status = 'published'`,
      [agentId, ctx.tenantId],
    );
    await tx.query(
      `UPDATE agent_versions SET status = 'published' WHERE agent_id = $1 AND tenant_id = $2 AND version = $3`,
      [agentId, ctx.tenantId, version],
    );
  }
}
