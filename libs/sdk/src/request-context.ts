/** The part of a structured logger that services use; pino satisfies it. */
export interface Logger {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
}

/** Who asks: an API key, or the system itself (sweeps, jobs, start-up). */
export interface Actor {
  readonly kind: 'api-key' | 'system';
  readonly id: string;
  /** `<area>:read`, `<area>:write`, `knowledge:groups`, `runs:approve`, `operations:read`, `admin` or `*`. */
  readonly scopes: readonly string[];
}

/** The first argument of every service method: who asks, for which tenant, under which id, and until when. */
export interface RequestContext {
  readonly tenantId: string;
  readonly actor: Actor;
  readonly requestId: string;
  /** W3C `traceparent`, passed on to whatever is called. */
  readonly traceparent?: string;
  /**
   * The caller's `Idempotency-Key`. Answers are repeated without a service's help; one whose work must happen once even
   * if the process dies between commit and answer keeps it with its rows, unique per tenant
   * and actor.
   */
  readonly idempotencyKey?: string;
  /** Aborts when the client is gone, the time is up, the run is cancelled or the process stops. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** What an administrator may without being given it. */
const OF_ADMINISTRATORS: readonly string[] = ['runs:approve', 'operations:read'];

/**
 * Does the actor hold this scope? `*` holds all; `<area>:write` includes `<area>:read`, `admin` includes `runs:approve`
 * and `operations:read`.
 */
export function hasScope(actor: Actor, scope: string): boolean {
  const held = actor.scopes;
  if (held.includes('*') || held.includes(scope)) return true;
  if (held.includes('admin') && OF_ADMINISTRATORS.includes(scope)) return true;
  return scope.endsWith(':read') && held.includes(scope.replace(/:read$/, ':write'));
}
