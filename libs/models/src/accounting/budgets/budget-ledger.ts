import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '@guildhall/core';
import { EVENT_BUS, type EventBus, type Logger } from '@guildhall/sdk';
import type { Decision } from './admit.js';
import type { BoundLimit } from './budget-window.js';
import { type Claim, LedgerStore, type LedgerWrite, type Settlement } from './ledger-store.js';

interface PendingClaim {
  readonly claim: Claim;
  resolve(decision: Decision): void;
  reject(error: unknown): void;
}

const MAX_BATCH = 200;
const RETRY_MS = 1_000;

/**
 * Sets money aside before calls are made, and settles it after. What many calls ask for at once is written together,
 * one transaction at a time, so a hundred calls on one budget wait for the database once and not for each other.
 *
 * A settlement is never dropped: while the database is away it is kept and tried again, and until then what was set
 * aside stays so, which is the safe side. That is also what a process leaves that is killed: the calls it had under way
 * stay counted at their worst case until their windows end.
 */
@Injectable()
export class BudgetLedger {
  private claims: PendingClaim[] = [];
  private settlements: Settlement[] = [];
  /** Settlements of a write that failed, maybe after it had been committed: repeated as they are, under its number. */
  private stuck: LedgerWrite | undefined;
  private seq = 0;
  private draining: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: LedgerStore,
    @Inject(EVENT_BUS) private readonly events: EventBus,
    @Inject(LOGGER) private readonly logger: Logger,
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
    if (this.stuck || this.settlements.length > 0) this.drain();
    await this.draining;
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.settled();
    clearTimeout(this.timer);
    const left = [...(this.stuck?.settlements ?? []), ...this.settlements];
    if (left.length > 0) this.logger.error({ left: left.length }, 'Settlements of budgets could not be written');
    await this.store.forgetWriter().catch(() => undefined);
  }

  private drain(): void {
    this.draining ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.writeAll())
      .finally(() => {
        this.draining = undefined;
        // What came as the last write ended.
        if (this.claims.length > 0 || (this.settlements.length > 0 && !this.stuck)) this.drain();
      });
  }

  private async writeAll(): Promise<void> {
    clearTimeout(this.timer);
    while (this.stuck || this.claims.length > 0 || this.settlements.length > 0) {
      const claims = this.stuck ? [] : this.claims.splice(0, MAX_BATCH);
      const write = this.stuck ?? {
        seq: ++this.seq,
        settlements: this.settlements.splice(0, MAX_BATCH),
        claims: claims.map(({ claim }) => claim),
      };
      try {
        const { decisions, exceeded } = await this.store.write(write, this.logger);
        this.stuck = undefined;
        claims.forEach(({ resolve }, index) => resolve(decisions[index]!));
        this.tell(exceeded);
      } catch (error) {
        this.fail(error, claims, write);
        return;
      }
    }
  }

  /** Everybody who waits is refused at once: nobody can know when the database will be back. */
  private fail(error: unknown, claims: readonly PendingClaim[], write: LedgerWrite): void {
    for (const { reject } of [...claims, ...this.claims.splice(0)]) reject(error);
    if (write.settlements.length > 0) this.stuck = { ...write, claims: [] };
    if (!this.stuck && this.settlements.length === 0) return;
    this.logger.warn({ err: error }, 'Settlements of budgets cannot be written now; they are kept and tried again');
    this.timer = setTimeout(() => this.drain(), RETRY_MS).unref();
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
