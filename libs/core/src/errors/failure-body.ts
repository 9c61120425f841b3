import { createHash } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { AppError, ErrorCategory, ErrorDetail } from '@guildhall/sdk';
import { statusOf } from './category-status.js';
import { INTERNAL_MESSAGE } from './errors.js';

export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly category: ErrorCategory;
  readonly message: string;
  readonly retryable: boolean;
  readonly details?: readonly ErrorDetail[];
  readonly provider?: string;
}

export interface FailedRequest {
  readonly id: string;
  readonly path: string;
  readonly traceparent?: string;
}

/** What may be told. Of a 500 nothing but its code: its words may quote SQL, paths or another tenant's data. */
export function failureOf(error: AppError): Failure {
  const status = statusOf(error);
  const { code, category, retryable } = error;
  if (status === 500) return { status, code, category, message: INTERNAL_MESSAGE, retryable };
  return {
    status,
    code,
    category,
    message: error.message,
    retryable,
    ...(error.details?.length ? { details: error.details } : {}),
    ...(error.provider === undefined ? {} : { provider: error.provider }),
  };
}

/** The failure body of api.md §1. */
export function failureBody(
  { status, code, category, message, retryable, details, provider }: Failure,
  request: FailedRequest,
) {
  return {
    success: false,
    error: { code, category, message, status, retryable, details, provider },
    meta: { requestId: request.id, traceId: traceIdOf(request), timestamp: new Date().toISOString() },
  };
}

/** The same facts as RFC 9457. */
export function problemBody(
  { status, code, category, message, retryable, details, provider }: Failure,
  request: FailedRequest,
) {
  return {
    type: `urn:guildhall:error:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    instance: request.path,
    code,
    category,
    retryable,
    requestId: request.id,
    traceId: traceIdOf(request),
    errors: details ?? [],
    provider,
  };
}

/** The caller's trace; without one an id that anybody can derive from the request's. */
export function traceIdOf({ id, traceparent }: Pick<FailedRequest, 'id' | 'traceparent'>): string {
  return traceparent?.split('-')[1] ?? createHash('sha256').update(id).digest('hex').slice(0, 32);
}
