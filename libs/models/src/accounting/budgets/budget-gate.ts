import { Inject, Injectable } from '@nestjs/common';
import { toAppError } from '@guildhall/core';
import type { CallAttribution, ProviderConfig, RequestContext } from '@guildhall/sdk';
import { CLOCK, type Clock } from '../../clock.js';
import { BudgetDirectory } from './budget-directory.js';
import { BudgetExceededError } from './budget-exceeded.error.js';
import { BudgetLedger } from './budget-ledger.js';
import { windowOf } from './budget-window.js';

/** Until a call under way makes room. */
const PATIENCE_MS = 10_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;

/** Money that was set aside for a call. */
export interface Held {
  settle(costMicroUsd: number): void;
}

/** Lets a call through when every budget that it counts for has room. */
@Injectable()
export class BudgetGate {
  constructor(
    private readonly directory: BudgetDirectory,
    private readonly ledger: BudgetLedger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Undefined where no budget applies: then nothing was asked of the database. Throws `budget_exceeded`, and
   * `database_unavailable` where nobody can say what was spent.
   */
  async hold(
    ctx: RequestContext,
    provider: Pick<ProviderConfig, 'id' | 'budgetMicroUsdPerDay'>,
    attribution: CallAttribution,
    worstCase: () => number,
  ): Promise<Held | undefined> {
    const limits = await this.directory.applying(ctx, provider, attribution).catch(refuse);
    if (limits.length === 0) return undefined;
    const amount = worstCase();
    const until = this.clock.now() + PATIENCE_MS;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const now = Date.now();
      const bound = limits.map((limit) => ({ tenantId: ctx.tenantId, limit, window: windowOf(limit.period, now) }));
      const decision = await this.ledger.reserve(bound, amount).catch(refuse);
      if (decision.kind === 'granted') {
        return { settle: (cost) => this.ledger.settle({ limits: bound, reserved: amount, cost }) };
      }
      if (decision.kind === 'refused' || this.clock.now() >= until) throw new BudgetExceededError(decision.by, now);
      await this.clock.sleep(pause, ctx.signal);
    }
  }
}

/** In words for the caller: without an answer from the database no call may be made. */
function refuse(error: unknown): never {
  throw toAppError(error) ?? error;
}
