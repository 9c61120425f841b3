/** How many times as much as is left one holder may have: alone nine tenths of all, two of them 9/19 each. */
const TIMES_LEFT = 9;

/**
 * Places that holders share. Whoever holds none gets any that is free; whoever holds some gets more only while that is
 * not over nine times of what is left then. So the last place goes to somebody who has none, however many crowd in, and
 * nobody's share has to be known before.
 */
export class Shares {
  private readonly held = new Map<string, number>();
  private left: number;

  constructor(readonly total: number) {
    this.left = total;
  }

  get taken(): number {
    return this.total - this.left;
  }

  tryTake(holder: string, amount = 1, timesLeft = TIMES_LEFT): boolean {
    const held = this.held.get(holder) ?? 0;
    const left = this.left - amount;
    if (left < 0 || (held > 0 && held + amount > timesLeft * left)) return false;
    this.held.set(holder, held + amount);
    this.left = left;
    return true;
  }

  give(holder: string, amount = 1): void {
    const held = this.held.get(holder)! - amount;
    if (held > 0) this.held.set(holder, held);
    else this.held.delete(holder);
    this.left += amount;
  }
}
