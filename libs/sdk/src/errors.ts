/** Every failure belongs to exactly one category; the HTTP status follows from it (core's `category-status.ts`). */
export type ErrorCategory =
  | 'validation'
  | 'authentication'
  | 'authorization'
  | 'not_found'
  | 'conflict'
  | 'rate_limit'
  | 'limit_exceeded'
  | 'timeout'
  | 'cancelled'
  | 'upstream'
  | 'unavailable'
  | 'configuration'
  | 'internal';

/** One fault of many: `path` is a JSON path into the caller's input, `code` a stable word, `message` names the remedy. */
export interface ErrorDetail {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export interface AppErrorOptions {
  /** Whether the same call may succeed when repeated unchanged. */
  readonly retryable?: boolean;
  readonly details?: readonly ErrorDetail[];
  /** How long a client should wait before it repeats the call, in ms; becomes `Retry-After`. */
  readonly retryAfterMs?: number;
  /** The model provider or integration that refused, by its id. Never a URL or key. */
  readonly provider?: string;
  readonly cause?: unknown;
}

const BRAND = Symbol.for('guildhall.app-error');

/**
 * The one error type that reaches a client with its own words. `message` is shown to the caller: it says what went
 * wrong, with which object, and what to do, and never holds SQL, a path, a stack or a secret. `cause` is for the log.
 */
export class AppError extends Error {
  readonly [BRAND] = true;
  readonly retryable: boolean;
  readonly details?: readonly ErrorDetail[];
  readonly retryAfterMs?: number;
  readonly provider?: string;

  constructor(
    readonly category: ErrorCategory,
    readonly code: string,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.retryable = options.retryable ?? false;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
    this.provider = options.provider;
  }

  /** True for an `AppError` of any copy of the SDK: a plugin may carry its own. */
  static is(error: unknown): error is AppError {
    return typeof error === 'object' && error !== null && BRAND in error;
  }
}

export class ValidationError extends AppError {
  constructor(message: string, details: readonly ErrorDetail[] = [], code = 'validation_failed') {
    super('validation', code, message, { details });
  }
}

export class AuthenticationError extends AppError {
  constructor(message = 'A valid API key is required: send "Authorization: Bearer <key>"') {
    super('authentication', 'unauthenticated', message);
  }
}

export class AuthorizationError extends AppError {
  constructor(message: string, code = 'forbidden') {
    super('authorization', code, message);
  }
}

/** `noun` is the singular resource name: `new NotFoundError('agent', id)` has the code `agent_not_found`. */
export class NotFoundError extends AppError {
  constructor(noun: string, id: string) {
    super('not_found', `${noun}_not_found`, `No ${noun.replaceAll('_', ' ')} with id '${id}'`);
  }
}

export class ConflictError extends AppError {
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super('conflict', code, message, options);
  }
}

export class LimitExceededError extends AppError {
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super('limit_exceeded', code, message, options);
  }
}

export class TimeoutError extends AppError {
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super('timeout', code, message, { retryable: true, ...options });
  }
}

export class CancelledError extends AppError {
  constructor(message = 'Cancelled', code = 'cancelled') {
    super('cancelled', code, message);
  }
}

/** A system we called answered wrongly or not at all. */
export class UpstreamError extends AppError {
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super('upstream', code, message, { retryable: true, ...options });
  }
}

/** We cannot serve this now; the same call may work later. */
export class UnavailableError extends AppError {
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super('unavailable', code, message, { retryable: true, ...options });
  }
}

/** The operator must change a setting. */
export class ConfigurationError extends AppError {
  constructor(message: string, details: readonly ErrorDetail[] = []) {
    super('configuration', 'configuration_error', message, { details });
  }
}
