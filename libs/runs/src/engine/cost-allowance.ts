import type { Allowance } from '@guildhall/sdk';
import { costExceeded } from './limits.js';

/**
 * What a run may cost, shared by the model calls it makes at the same time: together they go beyond the limit by no more
 * than one of them may cost. In memory, because a run is worked on by one process at a time; the next one goes on from
 * what the run's steps have cost.
 */
export class CostAllowance implements Allowance {
  private reserved = 0;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly limit: number,
    private spent: number,
    private readonly signal: AbortSignal,
  ) {}

  async reserve(microUsd: number): Promise<{ settle(costMicroUsd: number): void }> {
    while (this.spent + this.reserved >= this.limit) {
      this.signal.throwIfAborted();
      if (this.spent >= this.limit) throw costExceeded(this.spent, this.limit);
      await this.settlement();
    }
    this.reserved += microUsd;
    return {
      settle: (costMicroUsd) => {
        this.reserved -= microUsd;
        this.spent += costMicroUsd;
        for (const wake of this.waiting.splice(0)) wake();
      },
    };
  }

  /** The next one, or the end of the run. */
  private settlement(): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.signal.removeEventListener('abort', wake);
        resolve();
      };
      this.waiting.push(wake);
      this.signal.addEventListener('abort', wake, { once: true });
    });
  }
}
