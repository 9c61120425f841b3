import { Injectable } from '@nestjs/common';
import type { Allowance, CallAttribution, RequestContext, VendorUsage } from '@guildhall/sdk';
import { ModelMetrics } from '../routing/model-metrics.js';
import { type CallSize, worstCaseMicroUsd } from '../routing/price.js';
import type { ProviderConnection } from '../routing/provider-connection.js';
import { AttemptAccount, type AttemptOutcome } from './attempt-account.js';
import { BudgetGate } from './budgets/budget-gate.js';
import { Reservation } from './reservation.js';
import { UsageBook } from './usage/usage-book.js';

/** Whose call it is, and who pays besides the tenant. */
export interface Payer {
  readonly attribution?: CallAttribution | undefined;
  readonly allowance?: Allowance | undefined;
}

type Paid = Pick<ProviderConnection, 'config' | 'model' | 'logPace'>;

/** Sets money aside before a provider is asked, and opens an account for every time that it is. */
@Injectable()
export class Accounts {
  constructor(
    private readonly book: UsageBook,
    private readonly gate: BudgetGate,
    private readonly metrics: ModelMetrics,
  ) {}

  /** Rejects with `budget_exceeded` when somebody's limit is used up. `model` may yet be unknown. */
  async reserve(
    ctx: RequestContext,
    { attribution = {}, allowance }: Payer,
    connection: Paid,
    model: string | undefined,
    sizeOf: () => CallSize,
  ): Promise<Reservation> {
    let amount = 0;
    const worstCase = () => (amount ||= worstCaseMicroUsd(connection.model(model), sizeOf));
    const own = allowance && (await allowance.reserve(worstCase()));
    try {
      const held = await this.gate.hold(ctx, connection.config, attribution, worstCase);
      return new Reservation(
        amount,
        [own, held].filter((each) => each !== undefined),
      );
    } catch (error) {
      own?.settle(0);
      throw error;
    }
  }

  /** Without a reservation the call is only counted. */
  open(
    ctx: RequestContext,
    { attribution = {} }: Payer,
    connection: Paid,
    model: string,
    reservation?: Reservation,
  ): AttemptAccount {
    const { tenantId } = ctx;
    const close = (outcome: AttemptOutcome) => {
      this.book.add({ ...outcome, tenantId, provider: connection.config.id, model, attribution, at: Date.now() });
      const { usage, unreported } = outcome;
      if (usage) this.metrics.spent(connection.config, usage);
      // Nobody knows what it cost, so the limits assume the worst.
      reservation?.charge(usage ? usage.costMicroUsd : unreported ? reservation.amount : 0);
    };
    return new AttemptAccount(connection.model(model), close, (reported) => doubt(ctx, connection, model, reported));
  }
}

const DOUBT =
  'A provider reported usage that cannot be true: it is cut to what a call can use, or taken as not reported';

function doubt({ logger }: RequestContext, { config, logPace }: Paid, model: string, reported: VendorUsage): void {
  const unlogged = logPace.next(DOUBT);
  if (unlogged !== undefined) logger.warn({ provider: config.id, model, reported: inWords(reported), unlogged }, DOUBT);
}

/** A log line cannot hold what is no finite number. */
const inWords = (reported: VendorUsage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(reported).map(([name, value]) => [name, typeof value === 'number' ? String(value) : typeof value]),
  );
