/** Where this process stands between boot and end, for probes and for whoever waits or streams. */
export class Readiness {
  private readonly shutdown = new AbortController();
  private phase: 'starting' | 'ready' | 'draining' = 'starting';

  /** Every plugin has started. */
  get started(): boolean {
    return this.phase !== 'starting';
  }

  /** The process is about to end and wants no new work. */
  get draining(): boolean {
    return this.phase === 'draining';
  }

  /**
   * Aborts when work in progress should come to an end: streams close with a `retry`, waiting requests answer, runs
   * stop at a step boundary and hand their leases back. Later than `draining`, which only the balancer sees.
   */
  get shutdownSignal(): AbortSignal {
    return this.shutdown.signal;
  }

  markStarted(): void {
    if (this.phase === 'starting') this.phase = 'ready';
  }

  markDraining(): void {
    this.phase = 'draining';
  }

  endWork(): void {
    this.markDraining();
    this.shutdown.abort();
  }
}
