import {
  AppError,
  AuthenticationError,
  AuthorizationError,
  ConflictError,
  type ErrorDetail,
  LimitExceededError,
  NotFoundError,
  TimeoutError,
  UnavailableError,
  UpstreamError,
  ValidationError,
} from '@guildhall/sdk';

type Details = readonly ErrorDetail[];

/** One helper per status, for code whose failure has no class of its own: `throw Errors.badRequest('...')`. */
export const Errors = {
  badRequest: (message: string, details?: Details, code?: string) => new ValidationError(message, details, code),
  malformedJson: (message: string) => new ValidationError(message, [], 'malformed_json'),
  unauthorized: (message?: string) => new AuthenticationError(message),
  forbidden: (message: string, code?: string) => new AuthorizationError(message, code),
  notFound: (noun: string, id: string) => new NotFoundError(noun, id),
  routeNotFound: (method: string, path: string) =>
    new AppError('not_found', 'route_not_found', `There is no route ${method} ${path}; see /openapi.json`),
  methodNotAllowed: (method: string, allowed: readonly string[]) =>
    new AppError('validation', 'method_not_allowed', `${method} is not allowed here; use ${allowed.join(', ')}`),
  conflict: (code: string, message: string) => new ConflictError(code, message),
  gone: (code: string, message: string) => new AppError('not_found', code, message),
  preconditionFailed: (message: string) => new ConflictError('precondition_failed', message),
  payloadTooLarge: (message: string) => new ValidationError(message, [], 'payload_too_large'),
  unsupportedMediaType: (message: string) => new ValidationError(message, [], 'unsupported_media_type'),
  unprocessable: (code: string, message: string) => new LimitExceededError(code, message),
  tooManyRequests: (message: string, retryAfterMs: number, details?: Details) =>
    new AppError('rate_limit', 'rate_limited', message, { retryable: true, retryAfterMs, details }),
  internal: (cause: unknown) => new AppError('internal', 'internal_error', INTERNAL_MESSAGE, { cause }),
  badGateway: (code: string, message: string) => new UpstreamError(code, message),
  unavailable: (code: string, message: string, retryAfterMs?: number) =>
    new UnavailableError(code, message, { retryAfterMs }),
  gatewayTimeout: (message: string, code = 'request_timeout') => new TimeoutError(code, message),
} as const;

/** All that a client learns of a fault of ours. */
export const INTERNAL_MESSAGE = 'Something went wrong on our side; quote the request id when you report it';
