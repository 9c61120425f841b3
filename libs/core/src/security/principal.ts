import type { Actor, RequestContext } from '@guildhall/sdk';

/** Whom a key stands for. */
export interface Principal {
  readonly tenantId: string;
  readonly actor: Actor;
  /** Milliseconds of the epoch, when the key ends. */
  readonly expiresAt?: number;
}

export const DEFAULT_TENANT = 'default';

/** The system administrator: whoever holds `BOOTSTRAP_API_KEY`. The only principal that is no row. */
export const SYSTEM_ADMINISTRATOR: Principal = {
  tenantId: DEFAULT_TENANT,
  actor: { kind: 'api-key', id: 'bootstrap', scopes: ['*'] },
};

export function isSystemAdministrator(ctx: RequestContext): boolean {
  return ctx.actor === SYSTEM_ADMINISTRATOR.actor;
}

/** On every context that an authenticated request carries; nothing else can make one. */
const AUTHENTICATED = Symbol('authenticated');

export function authenticatedContext(anonymous: RequestContext, principal: Principal): RequestContext {
  const { tenantId, actor } = principal;
  const ctx = { ...anonymous, tenantId, actor, [AUTHENTICATED]: true };
  return ctx;
}

export function isAuthenticated(ctx: RequestContext | undefined): boolean {
  return ctx !== undefined && AUTHENTICATED in ctx;
}
