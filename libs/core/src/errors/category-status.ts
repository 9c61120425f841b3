import type { AppError, ErrorCategory } from '@guildhall/sdk';

/** The one table from category to HTTP status. A category without a status does not compile. */
export const CATEGORY_STATUS = {
  validation: 400,
  authentication: 401,
  authorization: 403,
  not_found: 404,
  conflict: 409,
  rate_limit: 429,
  limit_exceeded: 422,
  timeout: 504,
  cancelled: 409,
  upstream: 502,
  unavailable: 503,
  configuration: 500,
  internal: 500,
} as const satisfies Record<ErrorCategory, number>;

/** Codes that are more exact than their category. */
const CODE_STATUS: ReadonlyMap<string, number> = new Map([
  ['method_not_allowed', 405],
  ['events_expired', 410],
  ['precondition_failed', 412],
  ['payload_too_large', 413],
  ['unsupported_media_type', 415],
  ['idempotency_key_reused', 422],
  ['outbound_blocked', 403],
  ['host_not_allowed', 421],
  ['headers_too_large', 431],
  ['concurrency_limited', 503],
]);

/** For labels of metrics: one of ours, whatever a plugin's error calls it. */
export function knownCategory(category: string | undefined): ErrorCategory {
  return category !== undefined && Object.hasOwn(CATEGORY_STATUS, category) ? (category as ErrorCategory) : 'internal';
}

export function statusOf({ category, code }: Pick<AppError, 'category' | 'code'>): number {
  // A plugin may carry a newer SDK with a category this one does not know.
  return CODE_STATUS.get(code) ?? CATEGORY_STATUS[category] ?? 500;
}
