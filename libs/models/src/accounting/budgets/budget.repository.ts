import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type Keyset, ListedRows } from '@guildhall/core';
import type { RequestContext } from '@guildhall/sdk';
import type { Balance } from './admit.js';
import type { Budget, Limit } from './budget.js';
import type { BoundLimit } from './budget-window.js';

/** Tells every process to forget what it knows of a tenant's budgets. */
export const BUDGETS_CHANNEL = 'guildhall_budgets';

const BUDGET = `id, name, scope, scope_id AS "scopeId", period, limit_micro_usd::float8 AS "limitMicroUsd", hard, revision,
  created_at AS "createdAt", updated_at AS "updatedAt"`;

export type BudgetChange = Pick<Budget, 'id' | 'revision' | 'name' | 'limitMicroUsd' | 'hard'>;

@Injectable()
export class BudgetRepository {
  all(tx: EntityManager, ctx: RequestContext): Promise<Budget[]> {
    return tx.query(`SELECT ${BUDGET} FROM budgets WHERE tenant_id = $1 ORDER BY id`, [ctx.tenantId]);
  }

  /** Newest first. */
  list(tx: EntityManager, ctx: RequestContext, { limit, before }: Keyset): Promise<ListedRows<Budget>> {
    const select = `SELECT ${BUDGET} FROM budgets WHERE tenant_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC`;
    return ListedRows.read(tx, select, [ctx.tenantId, before ?? null], { limit });
  }

  async count(tx: EntityManager, ctx: RequestContext): Promise<number> {
    const text = 'SELECT count(*)::int AS total FROM budgets WHERE tenant_id = $1';
    return (await tx.query<{ total: number }[]>(text, [ctx.tenantId]))[0]!.total;
  }

  async find(tx: EntityManager, ctx: RequestContext, id: string): Promise<Budget | undefined> {
    const text = `SELECT ${BUDGET} FROM budgets WHERE tenant_id = $1 AND id = $2`;
    return (await tx.query<Budget[]>(text, [ctx.tenantId, id]))[0];
  }

  async insert(tx: EntityManager, ctx: RequestContext, budget: Limit): Promise<Budget> {
    const { id, name, scope, scopeId, period, limitMicroUsd, hard } = budget;
    const rows = await tx.query<Budget[]>(
      `INSERT INTO budgets (tenant_id, id, name, scope, scope_id, period, limit_micro_usd, hard)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${BUDGET}`,
      [ctx.tenantId, id, name, scope, scopeId, period, limitMicroUsd, hard],
    );
    await this.announce(tx, ctx);
    return rows[0]!;
  }

  /** Undefined when the budget is no longer at `revision`. */
  async change(tx: EntityManager, ctx: RequestContext, change: BudgetChange): Promise<Budget | undefined> {
    const { id, revision, name, limitMicroUsd, hard } = change;
    const [rows] = await tx.query<[Budget[]]>(
      `UPDATE budgets SET name = $4, limit_micro_usd = $5, hard = $6, revision = revision + 1, updated_at = now()
       WHERE tenant_id = $1 AND id = $2 AND revision = $3 RETURNING ${BUDGET}`,
      [ctx.tenantId, id, revision, name, limitMicroUsd, hard],
    );
    await this.announce(tx, ctx);
    return rows[0];
  }

  /** With its windows; what calls under way settle then goes nowhere. */
  async remove(tx: EntityManager, ctx: RequestContext, id: string, revision: number): Promise<boolean> {
    const [rows] = await tx.query<[unknown[]]>(
      'DELETE FROM budgets WHERE tenant_id = $1 AND id = $2 AND revision = $3 RETURNING id',
      [ctx.tenantId, id, revision],
    );
    if (rows.length === 0) return false;
    await tx.query('DELETE FROM budget_windows WHERE tenant_id = $1 AND budget_id = $2', [ctx.tenantId, id]);
    await this.announce(tx, ctx);
    return true;
  }

  /** By budget; one whose window holds nothing yet has no balance. */
  async balances(tx: EntityManager, ctx: RequestContext, limits: readonly BoundLimit[]): Promise<Map<string, Balance>> {
    const rows = await tx.query<{ id: string; spent: number; reserved: number }[]>(
      `SELECT w.budget_id AS id, w.spent_micro_usd::float8 AS spent, w.reserved_micro_usd::float8 AS reserved
       FROM budget_windows w JOIN json_to_recordset($2::json) AS i(id text, start date)
         ON w.budget_id = i.id AND w.window_start = i.start
       WHERE w.tenant_id = $1`,
      [ctx.tenantId, JSON.stringify(limits.map(({ limit, window }) => ({ id: limit.id, start: window.start })))],
    );
    return new Map(rows.map(({ id, ...balance }) => [id, balance]));
  }

  private async announce(tx: EntityManager, ctx: RequestContext): Promise<void> {
    await tx.query(`SELECT pg_notify($1, $2)`, [BUDGETS_CHANNEL, ctx.tenantId]);
  }
}
