import { Injectable } from '@nestjs/common';
import type { Allowance, CallAttribution, RequestContext } from '@guildhall/sdk';
import type { ProviderConnection } from '../routing/provider-connection.js';
import { AttemptAccount } from './attempt-account.js';
import { UsageBook } from './usage/usage-book.js';

/** Whose call it is, and who pays besides the tenant. */
export interface Payer {
  readonly attribution?: CallAttribution | undefined;
  readonly allowance?: Allowance | undefined;
}

/** Opens an account for every attempt at a model call. */
@Injectable()
export class Accounts {
  constructor(private readonly book: UsageBook) {}

  open(
    ctx: RequestContext,
    { attribution = {} }: Payer,
    connection: ProviderConnection,
    model: string,
  ): AttemptAccount {
    const { tenantId } = ctx;
    return new AttemptAccount(connection.model(model), (outcome) =>
      this.book.add({ ...outcome, tenantId, provider: connection.config.id, model, attribution, at: Date.now() }),
    );
  }
}
