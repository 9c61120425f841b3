import { Inject, Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { Logger } from '@guildhall/sdk';
import { LOGGER } from '../../telemetry/logger.js';
import { Metrics } from '../../telemetry/metrics.js';
import { faultOf } from '../database-error.js';

/** Tells of entries that were left out of their batch because they cannot be stored: a fault of ours, for somebody to find. */
@Injectable()
export class SetAside {
  private readonly entries: Counter<'batch'>;

  constructor(
    metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.entries = new Counter({
      name: 'batch_entries_set_aside_total',
      help: 'Entries that could not be stored and were left out of their batch, by what they were for',
      labelNames: ['batch'],
      registers: [metrics.registry],
    });
  }

  /** `ids` says which entry it was. Neither what it holds nor the database's own words, which repeat that. */
  tell(batch: 'runs' | 'usage' | 'budgets', ids: Readonly<Record<string, string>>, error: unknown): void {
    this.entries.inc({ batch });
    this.logger.error({ batch, ...ids, ...faultOf(error) }, 'An entry cannot be stored and was left out of its batch');
  }
}
