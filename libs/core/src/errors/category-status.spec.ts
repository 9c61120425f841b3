import {
  AppError,
  AuthenticationError,
  CancelledError,
  ConfigurationError,
  ConflictError,
  type ErrorCategory,
  LimitExceededError,
  NotFoundError,
  TimeoutError,
  UnavailableError,
  UpstreamError,
  ValidationError,
} from '@guildhall/sdk';
import { statusOf } from './category-status.js';
import { Errors } from './errors.js';

describe('statusOf', () => {
  it.each<[AppError, number]>([
    [new ValidationError('x'), 400],
    [new AuthenticationError(), 401],
    [Errors.forbidden('x'), 403],
    [new NotFoundError('agent', 'a'), 404],
    [new ConflictError('conflict', 'x'), 409],
    [Errors.tooManyRequests('x', 1000), 429],
    [new LimitExceededError('budget_exceeded', 'x'), 422],
    [new TimeoutError('tool_timeout', 'x'), 504],
    [new CancelledError(), 409],
    [new UpstreamError('tool_failed', 'x'), 502],
    [new UnavailableError('database_unavailable', 'x'), 503],
    [new ConfigurationError('x'), 500],
    [Errors.internal(new Error('x')), 500],
  ])('maps the category of %s', (error, status) => expect(statusOf(error)).toBe(status));

  it.each<[AppError, number]>([
    [Errors.methodNotAllowed('PUT', ['GET']), 405],
    [Errors.gone('events_expired', 'x'), 410],
    [Errors.preconditionFailed('x'), 412],
    [Errors.payloadTooLarge('x'), 413],
    [Errors.unsupportedMediaType('x'), 415],
    [new ConflictError('idempotency_key_reused', 'x'), 422],
    [Errors.forbidden('x', 'outbound_blocked'), 403],
    [Errors.unavailable('concurrency_limited', 'x'), 503],
    [Errors.gatewayTimeout('x'), 504],
    [Errors.badGateway('upstream_failed', 'x'), 502],
    [Errors.unprocessable('max_steps_exceeded', 'x'), 422],
    [Errors.unauthorized(), 401],
    [Errors.notFound('run', 'r'), 404],
    [Errors.conflict('thread_busy', 'x'), 409],
  ])('maps the exact code of %s', (error, status) => expect(statusOf(error)).toBe(status));

  it('takes a category of a newer SDK as a fault of ours', () => {
    expect(statusOf({ category: 'new' as ErrorCategory, code: 'new' })).toBe(500);
  });
});
