import { type Claim, IdempotencyRepository, type KeptOutcome } from '../idempotency/idempotency.repository.js';

/** Keys in memory: the statements themselves are tested on a real database. */
export class MemoryKeys extends IdempotencyRepository {
  private readonly rows = new Map<string, { fingerprint: string; attemptId: string; outcome: string | null }>();
  override claim(_: unknown, { key, fingerprint, attemptId }: Claim) {
    if (this.rows.has(key)) return Promise.resolve(false);
    this.rows.set(key, { fingerprint, attemptId, outcome: null });
    return Promise.resolve(true);
  }
  override find(_: unknown, { key }: Claim) {
    return Promise.resolve(this.rows.get(key));
  }
  override complete(_: unknown, { key }: Claim, kept: KeptOutcome) {
    Object.assign(this.rows.get(key)!, kept);
    return Promise.resolve();
  }
  override release(_: unknown, { key }: Claim) {
    this.rows.delete(key);
    return Promise.resolve();
  }
  override purge() {
    return Promise.resolve();
  }
}
