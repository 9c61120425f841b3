import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { Database } from '../database/database.js';
import { type ApiKey, ApiKeyRepository } from './api-key.repository.js';
import { hashToken, keyIdOf } from './api-token.js';
import { type Principal, SYSTEM_ADMINISTRATOR } from './principal.js';
import { VerifiedKeys } from './verified-keys.js';

/** A revoked key must be refused everywhere within 5 s; the rest of them is for the query itself. */
const VERIFIED_FOR_MS = 3000;
const VERIFIED_MAX = 10_000;
const NO_HASH = Buffer.alloc(32);

/** Says whom an API key stands for. */
@Injectable()
export class Authenticator {
  private readonly verified = new VerifiedKeys(VERIFIED_FOR_MS, VERIFIED_MAX);
  private readonly underWay = new Map<string, Promise<Principal | undefined>>();
  private readonly bootstrapHash: Buffer | undefined;

  constructor(
    settings: Settings,
    private readonly database: Database,
    private readonly keys: ApiKeyRepository,
  ) {
    this.bootstrapHash = settings.BOOTSTRAP_API_KEY ? hashToken(settings.BOOTSTRAP_API_KEY) : undefined;
  }

  /** At once for a key seen lately, else a promise; undefined for a key that is none. */
  authenticate(token: string): Principal | undefined | Promise<Principal | undefined> {
    const hash = hashToken(token);
    if (this.bootstrapHash !== undefined && timingSafeEqual(hash, this.bootstrapHash)) return SYSTEM_ADMINISTRATOR;
    const keyId = keyIdOf(token);
    if (keyId === undefined) return undefined;
    const cacheKey = hash.toString('latin1');
    const known = this.verified.get(cacheKey);
    return known ? known.principal : this.lookUpOnce(cacheKey, keyId, hash);
  }

  /** Stops accepting a revoked key in this process at once. */
  forget(keyId: string): void {
    this.verified.forget(keyId);
    this.underWay.clear();
  }

  private lookUpOnce(cacheKey: string, keyId: string, hash: Buffer): Promise<Principal | undefined> {
    const running = this.underWay.get(cacheKey);
    if (running) return running;
    const askedAt = Date.now();
    const lookUp = this.lookUp(keyId, hash)
      .then((principal) => {
        // A key revoked while it was being looked up is not remembered as good.
        if (this.underWay.get(cacheKey) === lookUp) this.verified.put(cacheKey, principal, askedAt);
        return principal;
      })
      .finally(() => {
        if (this.underWay.get(cacheKey) === lookUp) this.underWay.delete(cacheKey);
      });
    this.underWay.set(cacheKey, lookUp);
    return lookUp;
  }

  private async lookUp(keyId: string, hash: Buffer): Promise<Principal | undefined> {
    const tx = this.database.manager;
    const key = await this.keys.findForAuthentication(tx, keyId);
    // The same comparison whether the id exists or not.
    const matches = timingSafeEqual(hash, key?.tokenHash ?? NO_HASH);
    if (!key || !matches || hasEnded(key)) return undefined;
    if (key.lastUsedAt === null || key.lastUsedAt.getTime() < Date.now() - 60_000) await this.keys.touch(tx, key);
    return {
      tenantId: key.tenantId,
      actor: { kind: 'api-key', id: key.id, scopes: key.scopes },
      expiresAt: key.expiresAt?.getTime(),
    };
  }
}

function hasEnded(key: ApiKey): boolean {
  return key.expiresAt !== null && key.expiresAt.getTime() <= Date.now();
}
