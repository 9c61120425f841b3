import type { Held } from './budgets/budget-gate.js';

/** Money that was set aside, by all who limit it, before a provider is asked. Closed once, whatever comes of it. */
export class Reservation {
  private charged = 0;

  constructor(
    /** What the call may cost at most, in micro-USD. */
    readonly amount: number,
    private readonly held: readonly Held[],
  ) {}

  /** A provider may be asked more than once, by other keys or at other addresses of it. */
  charge(microUsd: number): void {
    this.charged += microUsd;
  }

  close(): void {
    for (const each of this.held) each.settle(this.charged);
  }
}
