import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuthorizationError, NotFoundError, type RequestContext, ValidationError } from '@guildhall/sdk';
import { Database } from '../database/database.js';
import { Cursors, type Page, type PageQuery } from '../http/pagination.js';
import { newId } from '../ids.js';
import type { CreateApiKeyDto } from './api-key.dto.js';
import { type ApiKey, ApiKeyRepository } from './api-key.repository.js';
import { hashToken, mintToken } from './api-token.js';
import { Audit } from './audit.js';
import { KeyWatch } from './key-watch.js';
import { scopesBeyond } from './scopes.js';

/** A key and, this once, its text. */
export interface MintedKey {
  readonly key: ApiKey;
  readonly token: string;
}

@Injectable()
export class ApiKeyService {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeyRepository,
    private readonly watch: KeyWatch,
    private readonly audit: Audit,
    private readonly cursors: Cursors,
  ) {}

  create(ctx: RequestContext, input: CreateApiKeyDto): Promise<MintedKey> {
    const beyond = scopesBeyond(ctx.actor, input.scopes);
    if (beyond.length > 0) {
      const message = `Your own key does not hold ${beyond.join(', ')}, so it cannot grant that`;
      throw new AuthorizationError(message);
    }
    const asked = input.expiresAt === undefined ? null : futureDate(input.expiresAt);
    return this.database.transaction(ctx, async (tx) => {
      const expiresAt = await this.grantableExpiry(ctx, tx, asked);
      return this.mint(ctx, tx, { tenantId: ctx.tenantId, name: input.name, scopes: input.scopes, expiresAt });
    });
  }

  /** Makes a key without asking what the actor holds: for the first key of a new tenant. */
  async mint(
    ctx: RequestContext,
    tx: EntityManager,
    input: Pick<ApiKey, 'tenantId' | 'name' | 'scopes' | 'expiresAt'>,
  ): Promise<MintedKey> {
    const id = newId('key');
    const token = mintToken(id);
    const key = await this.keys.insert(ctx, tx, { id, ...input, tokenHash: hashToken(token) });
    const detail = { name: key.name, scopes: key.scopes, expiresAt: key.expiresAt };
    await this.audit.record({ ...ctx, tenantId: key.tenantId }, tx, 'api_key.created', { id, detail });
    return { key, token };
  }

  async list(ctx: RequestContext, query: PageQuery): Promise<Page<ApiKey>> {
    const keyset = this.cursors.read(ctx, 'api-keys', query);
    const rows = await this.keys.list(ctx, this.database.manager, keyset);
    const total = query.total ? await this.keys.count(ctx, this.database.manager) : undefined;
    return this.cursors.page(ctx, 'api-keys', query, rows, {}, total);
  }

  async get(ctx: RequestContext, id: string): Promise<ApiKey> {
    const key = await this.keys.find(ctx, this.database.manager, id);
    if (!key) throw new NotFoundError('api_key', id);
    return key;
  }

  async revoke(ctx: RequestContext, id: string): Promise<void> {
    await this.database.transaction(ctx, async (tx) => {
      if (!(await this.keys.revoke(ctx, tx, id))) throw new NotFoundError('api_key', id);
      await this.audit.record(ctx, tx, 'api_key.revoked', { id });
      await this.watch.tell(tx, id);
    });
    this.watch.end(id);
  }

  /** What was asked for, or the actor's own end; never later than that. */
  private async grantableExpiry(ctx: RequestContext, tx: EntityManager, asked: Date | null): Promise<Date | null> {
    const own = (await this.keys.find(ctx, tx, ctx.actor.id))?.expiresAt ?? null;
    if (asked && own && asked > own) {
      throw new AuthorizationError(`Your own key ends at ${own.toISOString()}, so it cannot grant a later end`);
    }
    return asked ?? own;
  }
}

function futureDate(text: string): Date {
  const date = new Date(text);
  if (date.getTime() > Date.now()) return date;
  const message = 'Give a time in the future, e.g. "2030-01-01T00:00:00Z"';
  throw new ValidationError('The key would end before it begins', [
    { path: 'expiresAt', code: 'not_in_the_future', message },
  ]);
}
