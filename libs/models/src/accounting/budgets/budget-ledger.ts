import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, NumberedWrites, SetAside } from '@guildhall/core';
import { EVENT_BUS, type EventBus, type Logger } from '@guildhall/sdk';
import type { Decision } from './admit.js';
import type { BoundLimit } from './budget-window.js';
import { type Claim, LedgerStore, type Settlement } from './ledger-store.js';

interface PendingClaim {
  readonly claim: Claim;
  resolve(decision: Decision): void;
  reject(error: unknown): void;
}

type Entry = { readonly settlement: Settlement } | { readonly asked: PendingClaim };

const MAX_BATCH = 200;
const RETRY_MS = 1_000;

const settlementsOf = (entries: readonly Entry[]): Settlement[] =>
  entries.flatMap((entry) => ('settlement' in entry ? [entry.settlement] : []));
const claimsOf = (entries: readonly Entry[]): PendingClaim[] =>
  entries.flatMap((entry) => ('asked' in entry ? [entry.asked] : []));

/**
 * Sets money aside before calls are made, and settles it after. What many calls ask for at once is written together,
 * one transaction at a time, so a hundred calls on one budget wait for the database once and not for each other.
 *
 * A settlement is never dropped: while the database is away it is kept and tried again, and until then what was set
 * aside stays so, which is the safe side. That is also what a process leaves that is killed: the calls it had under way
 * stay counted at their worst case until their windows end. One that can never be written is set aside alone.
 */
@Injectable()
export class BudgetLedger {
  private claims: PendingClaim[] = [];
  private settlements: Settlement[] = [];
  /** Taken out of these, and not yet known to be written. */
  private readonly leaving = new NumberedWrites<Entry>(
    (entries, number) => this.write(entries, number),
    (entry, error) => this.leaveOut(entry, error),
  );
  private draining: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: LedgerStore,
    @Inject(EVENT_BUS) private readonly events: EventBus,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly setAside: SetAside,
  ) {}

  /** Rejects when the database cannot be asked: without an answer no call may be made. */
  reserve(limits: readonly BoundLimit[], amount: number): Promise<Decision> {
    return new Promise((resolve, reject) => {
      this.claims.push({ claim: { limits, amount }, resolve, reject });
      this.drain();
    });
  }

  settle(settlement: Settlement): void {
    this.settlements.push(settlement);
    this.drain();
  }

  /** Resolves when everything so far is written, or has been tried. */
  async settled(): Promise<void> {
    if (!this.leaving.isEmpty || this.settlements.length > 0) this.drain();
    await this.draining;
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.settled();
    clearTimeout(this.timer);
    const left = [...this.leaving.left, ...this.settlements];
    if (left.length > 0) this.logger.error({ left: left.length }, 'Settlements of budgets could not be written');
    await this.store.forgetWriter().catch(() => undefined);
  }

  private drain(): void {
    this.draining ??= this.writeAll();
  }

  private async writeAll(): Promise<void> {
    await nextTurn();
    clearTimeout(this.timer);
    try {
      while (!this.leaving.isEmpty || this.claims.length > 0 || this.settlements.length > 0) {
        if (this.leaving.isEmpty) this.leaving.add(this.gather());
        await this.leaving.flush();
      }
    } catch (error) {
      this.fail(error);
    }
    // In the same turn as the last look: what comes from now on begins anew.
    this.draining = undefined;
  }

  private gather(): Entry[] {
    return [
      ...this.settlements.splice(0, MAX_BATCH).map((settlement) => ({ settlement })),
      ...this.claims.splice(0, MAX_BATCH).map((asked) => ({ asked })),
    ];
  }

  private async write(entries: readonly Entry[], seq: number): Promise<void> {
    const asked = claimsOf(entries);
    const settlements = settlementsOf(entries);
    const claims = asked.map(({ claim }) => claim);
    const { decisions, exceeded } = await this.store.write({ seq, settlements, claims }, this.logger);
    asked.forEach(({ resolve }, index) => resolve(decisions[index]!));
    this.tell(exceeded);
  }

  /** Everybody who waits is refused at once: nobody can know when the database will be back. */
  private fail(error: unknown): void {
    for (const { reject } of [...claimsOf(this.leaving.left), ...this.claims.splice(0)]) reject(error);
    this.leaving.retain((entry) => 'settlement' in entry);
    if (this.leaving.isEmpty && this.settlements.length === 0) return;
    this.logger.warn({ err: error }, 'Settlements of budgets cannot be written now; they are kept and tried again');
    this.timer = setTimeout(() => this.drain(), RETRY_MS).unref();
  }

  private leaveOut(entry: Entry, error: unknown): void {
    if ('asked' in entry) entry.asked.reject(error);
    const { limits } = 'asked' in entry ? entry.asked.claim : entry.settlement;
    const [{ tenantId = '' } = {}] = limits;
    this.setAside.tell('budgets', { tenantId, budgetIds: limits.map(({ limit }) => limit.id).join(' ') }, error);
  }

  private tell(exceeded: readonly BoundLimit[]): void {
    for (const { tenantId, limit } of exceeded) {
      const { id: budgetId, scope, scopeId, period, limitMicroUsd, hard } = limit;
      const data = { budgetId, scope, scopeId, period, limitMicroUsd, hard };
      this.logger.warn({ tenantId, ...data }, 'A budget is used up');
      this.events.emit('budget.exceeded', data, { source: 'models', tenantId });
    }
  }
}
