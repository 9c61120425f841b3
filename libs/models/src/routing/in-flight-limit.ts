/** As many connections as there are to one address: a limit above it says nothing. */
const NO_LIMIT_ABOVE = 100;

/**
 * How many calls at a time an endpoint takes. Nobody knows at first; when it says "too many requests" the limit becomes
 * half of those in flight, and grows by one for about as many calls that went well.
 */
export class InFlightLimit {
  private running = 0;
  private limit = Infinity;
  /** Grows with every fall: calls begun before one tell nothing about what came after it. */
  private era = 0;

  get inFlight(): number {
    return this.running;
  }

  get isFull(): boolean {
    return this.running >= Math.floor(this.limit);
  }

  /** Returns what `refused` wants to know. */
  begin(): number {
    this.running++;
    return this.era;
  }

  succeeded(): void {
    this.running--;
    this.limit += 1 / this.limit;
    if (this.limit > NO_LIMIT_ABOVE) this.limit = Infinity;
  }

  /** It failed of something else than their number. */
  failed(): void {
    this.running--;
  }

  refused(era: number): void {
    if (era === this.era) {
      this.limit = Math.max(1, Math.floor(this.running / 2));
      this.era++;
    }
    this.running--;
  }
}
