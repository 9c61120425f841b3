import type { Pool } from 'pg';
import { CircuitBreaker, type CircuitBreakerOptions } from '../resilience/circuit-breaker.js';
import { isConnectionFailure } from './database-error.js';

const PROBE_MS = 1_000;

/**
 * Spares requests the wait for a database that does not answer. Leases, heartbeats and sweeps never pass through it:
 * they must go on as soon as the database does. A probe in the background closes it early.
 */
export class DatabaseBreaker {
  private readonly breaker: CircuitBreaker;
  private probe: NodeJS.Timeout | undefined;

  constructor(
    private readonly pool: Pool,
    options: Pick<CircuitBreakerOptions, 'failures' | 'openMs'>,
  ) {
    this.breaker = new CircuitBreaker({
      ...options,
      name: 'database',
      code: 'database_unavailable',
      counts: isConnectionFailure,
      onChange: (state) => (state === 'closed' ? this.stopProbe() : this.startProbe()),
    });
  }

  get open(): boolean {
    return this.breaker.state !== 'closed';
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.breaker.run(work);
  }

  stopProbe(): void {
    clearInterval(this.probe);
    this.probe = undefined;
  }

  private startProbe(): void {
    this.probe ??= setInterval(() => {
      this.pool.query('SELECT 1').then(
        () => this.breaker.close(),
        // Still away: that is what the breaker is open for.
        () => undefined,
      );
    }, PROBE_MS).unref();
  }
}
