import type { Principal } from './principal.js';

interface Entry {
  readonly principal: Principal | undefined;
  readonly until: number;
}

/**
 * What keys were found to be, for a few seconds: the hot path asks no database, and a revocation elsewhere is seen
 * when the entry ends. Refusals are remembered too, apart, so that a flood of wrong keys cannot push out right ones.
 */
export class VerifiedKeys {
  private readonly accepted = new Map<string, Entry>();
  private readonly refused = new Map<string, Entry>();

  constructor(
    private readonly ttlMs: number,
    private readonly max: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Undefined: not known. A principal of undefined: known to be nobody. */
  get(hash: string): Entry | undefined {
    const entry = this.accepted.get(hash) ?? this.refused.get(hash);
    if (entry === undefined || this.now() < entry.until) return entry;
    this.accepted.delete(hash);
    this.refused.delete(hash);
    return undefined;
  }

  /** `askedAt` is when the database was asked, not when it answered: a slow answer is an old one. */
  put(hash: string, principal: Principal | undefined, askedAt: number): void {
    const entries = principal ? this.accepted : this.refused;
    const until = Math.min(askedAt + this.ttlMs, principal?.expiresAt ?? Infinity);
    entries.delete(hash);
    entries.set(hash, { principal, until });
    if (entries.size > this.max) entries.delete(entries.keys().next().value!);
  }

  /** Forgets a key at once in this process; others forget it when their entry ends. */
  forget(actorId: string): void {
    for (const [hash, { principal }] of this.accepted) if (principal?.actor.id === actorId) this.accepted.delete(hash);
  }
}
