import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '@guildhall/core';
import type { Logger, RequestContext } from '@guildhall/sdk';
import { type Balance, type Decision, admit, settle } from './admit.js';
import { CLAIM_WRITE, LOCK_WINDOWS, MAKE_WINDOWS, WRITE_WINDOWS, type WindowRow } from './budget-ledger.statement.js';
import { type BoundLimit, windowKey } from './budget-window.js';

export interface Claim {
  readonly limits: readonly BoundLimit[];
  readonly amount: number;
}

export interface Settlement {
  readonly limits: readonly BoundLimit[];
  readonly reserved: number;
  readonly cost: number;
}

/** What is written together, under a number of its own: a write whose answer was lost is not done twice. */
export interface LedgerWrite {
  readonly seq: number;
  readonly settlements: readonly Settlement[];
  readonly claims: readonly Claim[];
}

export interface LedgerWritten {
  /** One for each claim. */
  readonly decisions: readonly Decision[];
  /** Limits that the settlements exceeded. */
  readonly exceeded: readonly BoundLimit[];
}

const MAX_KNOWN = 10_000;
const WRITE_LIMIT_MS = 10_000;

/** Reads and changes the windows of budgets, of any number of calls and tenants in one transaction. */
@Injectable()
export class LedgerStore {
  private readonly writer = `budgets:${randomUUID()}`;
  /** Windows that are there: they are never removed but with their budget. */
  private readonly known = new Set<string>();

  constructor(private readonly database: Database) {}

  async write(write: LedgerWrite, logger: Logger): Promise<LedgerWritten> {
    const limits = new Map<string, BoundLimit>();
    for (const part of [...write.settlements, ...write.claims]) {
      for (const bound of part.limits) limits.set(windowKey(bound), bound);
    }
    await this.make(limits);
    return this.database.transaction(systemContext(logger), (tx) => this.perform(tx, write, [...limits.values()]));
  }

  async forgetWriter(): Promise<void> {
    await this.database.pool.query('DELETE FROM accounting_writers WHERE id = $1', [this.writer]);
  }

  private async perform(
    tx: EntityManager,
    { seq, settlements, claims }: LedgerWrite,
    limits: readonly BoundLimit[],
  ): Promise<LedgerWritten> {
    const isNew = settlements.length === 0 || (await tx.query<unknown[]>(CLAIM_WRITE, [this.writer, seq])).length > 0;
    const rows = await tx.query<WindowRow[]>(LOCK_WINDOWS, [JSON.stringify(limits.map(keyOf))]);
    const balances = new Map(rows.map((row): [string, Balance] => [keyOfRow(row), { ...row }]));
    // What is settled first leaves room for what comes.
    const exceeded = isNew ? settlements.flatMap((one) => settle(balances, one.limits, one)) : [];
    const decisions = claims.map((claim) => admit(balances, claim.limits, claim.amount));
    const changed = rows.flatMap((row) => {
      const { spent, reserved } = balances.get(keyOfRow(row))!;
      return spent === row.spent && reserved === row.reserved ? [] : [{ ...row, spent, reserved }];
    });
    if (changed.length > 0) await tx.query(WRITE_WINDOWS, [JSON.stringify(changed)]);
    return { decisions, exceeded };
  }

  private async make(limits: ReadonlyMap<string, BoundLimit>): Promise<void> {
    const missing = [...limits].filter(([key]) => !this.known.has(key));
    if (missing.length === 0) return;
    await this.database.pool.query(MAKE_WINDOWS, [JSON.stringify(missing.map(([, bound]) => keyOf(bound)))]);
    if (this.known.size > MAX_KNOWN) this.known.clear();
    for (const [key] of missing) this.known.add(key);
  }
}

const keyOf = ({ tenantId, limit, window }: BoundLimit) => ({
  tenant_id: tenantId,
  budget_id: limit.id,
  window_start: window.start,
});

const keyOfRow = ({ tenant_id, budget_id, window_start }: WindowRow): string =>
  `${tenant_id}\0${budget_id}\0${window_start}`;

/** One write is for many callers: none of them ends it, and each row names its tenant. */
function systemContext(logger: Logger): RequestContext {
  return {
    tenantId: 'system',
    actor: { kind: 'system', id: 'budgets', scopes: [] },
    requestId: 'budgets',
    signal: AbortSignal.timeout(WRITE_LIMIT_MS),
    logger,
  };
}
