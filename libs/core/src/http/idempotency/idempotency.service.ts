import { Inject, Injectable } from '@nestjs/common';
import { type Actor, ConflictError, type Logger, type RequestContext } from '@guildhall/sdk';
import { Database } from '../../database/database.js';
import { toAppError } from '../../database/database-error.js';
import { newId } from '../../ids.js';
import { retry } from '../../resilience/retry.js';
import { Vault } from '../../security/vault.js';
import { LOGGER } from '../../telemetry/logger.js';
import type { Fingerprint } from './fingerprint.js';
import { type Claim, IdempotencyRepository, type KeptOutcome } from './idempotency.repository.js';
import type { Outcome } from './outcome.js';

/** Claims between two sweeps of expired keys. */
const PURGE_EVERY = 100;

export type Attempt =
  { readonly kind: 'first'; readonly claim: Claim } | { readonly kind: 'repeated'; readonly outcome: Outcome };

/** Keeps what keyed POSTs came to for 24 h, for the actor alone, in Postgres: losing Redis loses no key. */
@Injectable()
export class IdempotencyService {
  private claims = 0;

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly repository: IdempotencyRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Throws `idempotency_key_reused` for another request, `idempotency_in_progress` while the first still runs. */
  async begin(ctx: RequestContext, key: string, fingerprint: Fingerprint, leaseMs: number): Promise<Attempt> {
    const { tenantId, actor } = ctx;
    const own = { tenantId, key: ownedKey(actor, key), fingerprint: fingerprint.early };
    const claim: Claim = { ...own, attemptId: newId('req'), leaseMs };
    const { manager } = this.database;
    if (await this.repository.claim(manager, claim)) {
      this.purgeNowAndThen();
      return { kind: 'first', claim };
    }
    const earlier = await this.repository.find(manager, claim);
    const asked = earlier?.outcome ? await fingerprint.whole(ctx.signal) : fingerprint.early;
    if (earlier && earlier.fingerprint !== asked) {
      throw new ConflictError(
        'idempotency_key_reused',
        'This Idempotency-Key was used for another request; take a new one',
      );
    }
    // Gone between the two statements: the first attempt failed just now.
    if (!earlier || earlier.outcome === null) {
      const message = 'The first request with this Idempotency-Key is still running; repeat this one soon';
      throw new ConflictError('idempotency_in_progress', message, { retryable: true, retryAfterMs: 1000 });
    }
    return { kind: 'repeated', outcome: this.unseal(claim, earlier.outcome) };
  }

  /**
   * Ends the attempt: with what will be repeated, or without, which frees the key. Never throws: the work is done, and
   * its answer must not become an error. Where the database is away, it goes on trying without the caller: until then
   * the key is taken as running, at the longest until its lease ends.
   */
  async settle(claim: Claim, fingerprint: Fingerprint, outcome: Outcome | undefined): Promise<void> {
    try {
      const kept = outcome && (await this.keptOf(claim, fingerprint, outcome));
      await this.write(claim, kept).catch((error: unknown) => {
        if (!mayPass(error)) throw error;
        void this.writeLater(claim, kept);
      });
    } catch (error) {
      this.notKept(error);
    }
  }

  private async keptOf(claim: Claim, fingerprint: Fingerprint, outcome: Outcome): Promise<KeptOutcome> {
    const signal = AbortSignal.timeout(claim.leaseMs);
    // Sealed: an answer may hold a secret that is shown once, such as a new API key.
    const sealed = this.vault.seal(claim, placeOf(claim), JSON.stringify(outcome));
    return { fingerprint: await fingerprint.whole(signal), outcome: sealed };
  }

  private write(claim: Claim, kept: KeptOutcome | undefined): Promise<void> {
    const { manager } = this.database;
    return kept ? this.repository.complete(manager, claim, kept) : this.repository.release(manager, claim);
  }

  private async writeLater(claim: Claim, kept: KeptOutcome | undefined): Promise<void> {
    const signal = AbortSignal.timeout(claim.leaseMs);
    const options = { retryable: mayPass, signal, attempts: Infinity, delayMs: () => 200 + Math.random() * 300 };
    await retry(() => this.write(claim, kept), options).catch((error: unknown) => this.notKept(error));
  }

  private notKept(error: unknown): void {
    this.logger.error({ err: error }, 'The outcome of an idempotent request could not be kept');
  }

  private unseal(claim: Claim, sealed: string): Outcome {
    return JSON.parse(this.vault.open(claim, placeOf(claim), sealed)) as Outcome;
  }

  private purgeNowAndThen(): void {
    if (this.claims++ % PURGE_EVERY !== 0) return;
    this.repository.purge(this.database.manager).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'Expired idempotency keys could not be removed');
    });
  }
}

/** The database is away, or somebody holds the key's row. */
const mayPass = (error: unknown): boolean => toAppError(error)?.retryable ?? false;

/** Two keys of a tenant do not meet where they use the same text. No `Idempotency-Key` has a space in it. */
function ownedKey({ kind, id }: Actor, key: string): string {
  return `${kind}:${id} ${key}`;
}

function placeOf({ key }: Claim) {
  return { purpose: 'idempotency', recordId: key, field: 'outcome' };
}
