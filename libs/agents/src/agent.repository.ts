import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { NotFoundError, type RequestContext, type RunnableAgent } from '@guildhall/sdk';
import { type Keyset, ListedRows } from '@guildhall/core';
import type { AgentRecord } from './agent-record.js';

/** What lists can be narrowed by. */
export type AgentFilter = Partial<Pick<AgentRecord, 'status' | 'owner' | 'isActive'>> & {
  readonly type?: string;
  readonly kind?: string;
};

export type NewAgent = Pick<AgentRecord, 'id' | 'owner' | 'type' | 'status' | 'isActive' | 'draft'>;
export type AgentChange = Pick<AgentRecord, 'id' | 'revision' | 'owner' | 'type' | 'status' | 'isActive' | 'draft'>;

const COLUMNS = `id, tenant_id AS "tenantId", user_id AS owner, type, status, is_active AS "isActive", draft,
  draft_changed AS "draftChanged", published_version AS "publishedVersion", revision,
  created_at AS "createdAt", updated_at AS "updatedAt", archived_at AS "archivedAt"`;

/** Whether the draft now stored differs from the version now published; jsonb compares by meaning, not by spelling. */
const DRAFT_CHANGED = `(SELECT v.definition IS DISTINCT FROM agents.draft FROM agent_versions v
  WHERE v.agent_id = agents.id AND v.version = agents.published_version)`;

@Injectable()
export class AgentRepository {
  async get(tx: EntityManager, ctx: RequestContext, id: string): Promise<AgentRecord> {
    return this.one(tx, ctx, id, '');
  }

  /** Until the transaction ends nobody else changes this agent or its versions. */
  async lock(tx: EntityManager, ctx: RequestContext, id: string): Promise<AgentRecord> {
    return this.one(tx, ctx, id, 'FOR UPDATE');
  }

  async insert(tx: EntityManager, ctx: RequestContext, agent: NewAgent): Promise<AgentRecord> {
    const { id, owner, type, status, isActive, draft } = agent;
    const rows = await tx.query<AgentRecord[]>(
      `INSERT INTO agents (id, tenant_id, user_id, name, kind, type, status, is_active, draft, published_version)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1) RETURNING ${COLUMNS}`,
      [id, ctx.tenantId, owner, draft.name, draft.kind, type, status, isActive, JSON.stringify(draft)],
    );
    return rows[0]!;
  }

  /** Undefined when the agent is no longer at `revision`. */
  async change(tx: EntityManager, ctx: RequestContext, change: AgentChange): Promise<AgentRecord | undefined> {
    const { id, revision, owner, type, status, isActive, draft } = change;
    const [rows] = await tx.query<[AgentRecord[], number]>(
      `UPDATE agents SET user_id = $4, name = $5, kind = $6, type = $7, status = $8, is_active = $9, draft = $10::jsonb,
         draft_changed = (SELECT v.definition IS DISTINCT FROM $10::jsonb FROM agent_versions v
           WHERE v.agent_id = agents.id AND v.version = agents.published_version),
         revision = revision + 1, updated_at = now()
       WHERE id = $1 AND tenant_id = $2 AND revision = $3 AND archived_at IS NULL RETURNING ${COLUMNS}`,
      [id, ctx.tenantId, revision, owner, draft.name, draft.kind, type, status, isActive, JSON.stringify(draft)],
    );
    return rows[0];
  }

  async setPublished(tx: EntityManager, ctx: RequestContext, id: string, version: number): Promise<void> {
    await tx.query(
      `UPDATE agents SET published_version = $3, revision = revision + 1, updated_at = now()
       WHERE id = $1 AND tenant_id = $2`,
      [id, ctx.tenantId, version],
    );
    await tx.query(`UPDATE agents SET draft_changed = ${DRAFT_CHANGED} WHERE id = $1 AND tenant_id = $2`, [
      id,
      ctx.tenantId,
    ]);
  }

  async archive(tx: EntityManager, ctx: RequestContext, id: string): Promise<AgentRecord> {
    const [rows] = await tx.query<[AgentRecord[], number]>(
      `UPDATE agents SET archived_at = now(), is_active = false, revision = revision + 1, updated_at = now()
       WHERE id = $1 AND tenant_id = $2 RETURNING ${COLUMNS}`,
      [id, ctx.tenantId],
    );
    return rows[0]!;
  }

  /** Newest first, archived ones left out. */
  list(
    tx: EntityManager,
    ctx: RequestContext,
    filter: AgentFilter,
    { limit, before }: Keyset,
  ): Promise<ListedRows<AgentRecord>> {
    const { where, values } = condition(ctx, filter);
    if (before !== undefined) where.push(`id < $${values.push(before)}`);
    const select = `SELECT ${COLUMNS} FROM agents WHERE ${where.join(' AND ')} ORDER BY id DESC`;
    return ListedRows.read(tx, select, values, { limit });
  }

  /** In service, the newest of each name; no more than `limit`. */
  runnable(tx: EntityManager, ctx: RequestContext, limit: number): Promise<RunnableAgent[]> {
    return tx.query(
      `SELECT DISTINCT ON (name) name, created_at AS "createdAt" FROM agents
       WHERE tenant_id = $1 AND is_active AND archived_at IS NULL ORDER BY name, id DESC LIMIT $2`,
      [ctx.tenantId, limit],
    );
  }

  /** In service, by id or else the newest of that name. */
  async idOf(tx: EntityManager, ctx: RequestContext, nameOrId: string): Promise<string> {
    const rows = await tx.query<{ id: string }[]>(
      `SELECT id FROM agents WHERE tenant_id = $1 AND (id = $2 OR name = $2) AND is_active AND archived_at IS NULL
       ORDER BY id = $2 DESC, id DESC LIMIT 1`,
      [ctx.tenantId, nameOrId],
    );
    if (!rows[0]) throw new NotFoundError('agent', nameOrId);
    return rows[0].id;
  }

  /** Those of `ids` that the tenant has, archived ones too. */
  async known(tx: EntityManager, ctx: RequestContext, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ id: string }[]>('SELECT id FROM agents WHERE tenant_id = $1 AND id = ANY($2)', [
      ctx.tenantId,
      ids,
    ]);
    return new Set(rows.map(({ id }) => id));
  }

  async count(tx: EntityManager, ctx: RequestContext, filter: AgentFilter): Promise<number> {
    const { where, values } = condition(ctx, filter);
    const rows = await tx.query<{ total: number }[]>(
      `SELECT count(*)::int AS total FROM agents WHERE ${where.join(' AND ')}`,
      values,
    );
    return rows[0]!.total;
  }

  private async one(tx: EntityManager, ctx: RequestContext, id: string, lock: string): Promise<AgentRecord> {
    const rows = await tx.query<AgentRecord[]>(
      `SELECT ${COLUMNS} FROM agents WHERE id = $1 AND tenant_id = $2 ${lock}`,
      [id, ctx.tenantId],
    );
    if (!rows[0]) throw new NotFoundError('agent', id);
    return rows[0];
  }
}

function condition(ctx: RequestContext, { type, status, kind, owner, isActive }: AgentFilter) {
  const values: unknown[] = [ctx.tenantId];
  const where = ['tenant_id = $1', 'archived_at IS NULL'];
  if (owner !== undefined) where.push(`user_id = $${values.push(owner)}`);
  if (type !== undefined) where.push(`type = $${values.push(type)}`);
  if (status !== undefined) where.push(`status = $${values.push(status)}`);
  if (kind !== undefined) where.push(`kind = $${values.push(kind)}`);
  // Written out, for a partial index serves no parameter.
  if (isActive !== undefined) where.push(isActive ? 'is_active' : 'NOT is_active');
  return { where, values };
}
