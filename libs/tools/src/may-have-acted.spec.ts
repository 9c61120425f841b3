import {
  AppError,
  AuthenticationError,
  AuthorizationError,
  CancelledError,
  ConfigurationError,
  ConflictError,
  LimitExceededError,
  NotFoundError,
  TimeoutError,
  UnavailableError,
  UpstreamError,
  ValidationError,
} from '@guildhall/sdk';
import { CircuitOpenError } from '@guildhall/core';
import { mayHaveActed } from './may-have-acted.js';

const coded = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });
/** As `fetch` says it. */
const fetchFailed = (cause: unknown) => new TypeError('fetch failed', { cause });
/** As the runner wraps what is no error of ours. */
const wrapped = (cause: unknown) => new UpstreamError('tool_failed', 'failed unexpectedly', { cause });

describe('a call that failed', () => {
  it.each<[string, unknown]>([
    ['at its time limit', new TimeoutError('tool_timeout', 'late')],
    ['at a time limit inside the tool', wrapped(new DOMException('late', 'TimeoutError'))],
    ['because the tool gave up waiting', wrapped(new DOMException('stop', 'AbortError'))],
    ['because something in the tool was cancelled', new CancelledError()],
    ['by a reset connection', wrapped(fetchFailed(coded('ECONNRESET', { syscall: 'read' })))],
    ['by a connection that closed before the answer', wrapped(fetchFailed(coded('UND_ERR_SOCKET')))],
    ['by silence after the request', wrapped(fetchFailed(coded('UND_ERR_HEADERS_TIMEOUT')))],
    ['by an answer that broke off', wrapped(new TypeError('terminated', { cause: coded('UND_ERR_SOCKET') }))],
    ['by a write into a closed connection', wrapped(coded('EPIPE', { syscall: 'write' }))],
    ['by our client, which lost the server', new UpstreamError('outbound_failed', 'x', { cause: coded('ECONNRESET') })],
    ['by a database that went away', wrapped(new Error('Connection terminated unexpectedly'))],
    ['by a database that fell silent', wrapped(new Error('Query read timeout'))],
  ])('may have taken effect %s', (_, error) => {
    expect(mayHaveActed(error)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['by its input', new ValidationError('no')],
    ['without a key', new AuthenticationError()],
    ['without a grant', new AuthorizationError('no')],
    ['for want of a tool', new NotFoundError('tool', 'x')],
    ['by a conflict', new ConflictError('taken', 'no')],
    ['by a conflict that has a broken connection behind it', new ConflictError('x', 'no', { cause: coded('EPIPE') })],
    ['by too many calls', new AppError('rate_limit', 'rate_limited', 'no')],
    ['by a limit', new LimitExceededError('too_many', 'no')],
    ['by a setting', new ConfigurationError('no')],
    ['by an open breaker', new CircuitOpenError('provider_unavailable', 'no')],
    ['by a vendor who says so', new UpstreamError('shop_closed', 'no')],
    ['by a vendor who is busy', new UnavailableError('busy', 'no')],
    ['by an ordinary error', wrapped(new Error('no such order'))],
    ['by an answer that is no JSON', wrapped(new SyntaxError('Unexpected token'))],
    ['by a refused connection', wrapped(fetchFailed(coded('ECONNREFUSED', { syscall: 'connect' })))],
    ['by an unknown host', wrapped(fetchFailed(coded('ENOTFOUND', { syscall: 'getaddrinfo' })))],
    ['by a host that is too slow to connect', wrapped(fetchFailed(coded('UND_ERR_CONNECT_TIMEOUT')))],
    ['by a connection that was never made', wrapped(coded('ETIMEDOUT', { syscall: 'connect' }))],
    ['by an address that is not allowed', new AuthorizationError('no', 'outbound_blocked')],
    ['by a constraint of the database', wrapped(coded('23505'))],
    ['by nothing at all', undefined],
  ])('has not taken effect %s', (_, error) => {
    expect(mayHaveActed(error)).toBe(false);
  });

  it('has not taken effect when no address of its host could be reached', () => {
    const tried = ['10.0.0.1', '::1'].map((address) => coded('ETIMEDOUT', { syscall: 'connect', address }));
    const all = Object.assign(new AggregateError(tried), { code: 'ETIMEDOUT' });
    expect(mayHaveActed(wrapped(fetchFailed(all)))).toBe(false);
  });

  it('is looked at no deeper than errors nest', () => {
    const circle = new Error('circle');
    circle.cause = circle;
    expect(mayHaveActed(circle)).toBe(false);
  });
});
