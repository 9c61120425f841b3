import {
  APICallError,
  InvalidResponseDataError,
  JSONParseError,
  NoContentGeneratedError,
  TypeValidationError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider';
import { AppError, TimeoutError, UpstreamError, ValidationError } from '@guildhall/sdk';
import { retryAfterMs } from './retry-after.js';

/**
 * A vendor's failure in our words. The vendor's own text is dropped: it may repeat the key, the prompt or an address.
 */
export function toProviderError(provider: string, error: unknown): AppError {
  const known = appErrorIn(error);
  if (known) return withProvider(provider, known);
  if (UnsupportedFunctionalityError.isInstance(error)) return unsupported(provider, error.functionality);
  const broken = networkCode(error);
  if (isMalformed(error) || (broken === undefined && isAnswered(error)))
    return malformed(provider, 'cannot be understood');
  if (APICallError.isInstance(error) && (error.statusCode ?? 0) >= 300)
    return refused(provider, error.statusCode!, retryAfterMs(error.responseHeaders, error.responseBody));
  const message = `Provider '${provider}' cannot be reached, or broke off its reply`;
  // For the log the system's word for it: the error itself carries the request.
  return new UpstreamError('provider_unavailable', message, {
    provider,
    ...(broken ? { cause: new Error(broken) } : {}),
  });
}

/** A failure that a vendor announces inside its stream: it may carry the status it would have had as an answer. */
export function streamFailure(provider: string, error: unknown): Error {
  if (error instanceof Error) return error;
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? refused(provider, status) : malformed(provider, 'ended in an error');
}

export function malformed(provider: string, what: string): UpstreamError {
  return new UpstreamError('provider_malformed_reply', `The reply of provider '${provider}' ${what}`, { provider });
}

/** What the status of an answer says, of 300 and above. */
export function refused(provider: string, status: number, waitMs?: number): AppError {
  const options = { provider, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) };
  if (status === 429) {
    return new AppError('rate_limit', 'rate_limited', `Provider '${provider}' takes no more requests for now`, {
      ...options,
      retryable: true,
    });
  }
  if (status === 408)
    return new TimeoutError('provider_timeout', `Provider '${provider}' gave up waiting (408)`, options);
  if (status >= 500)
    return new UpstreamError('provider_unavailable', `Provider '${provider}' failed (${status})`, options);
  const [code, what] = CLIENT_ERRORS[status] ?? ['provider_refused', `refused the request (${status})`];
  return new UpstreamError(code, `Provider '${provider}' ${what}`, { ...options, retryable: false });
}

const CLIENT_ERRORS: Readonly<Record<number, readonly [code: string, what: string]>> = {
  401: ['provider_unavailable', 'does not accept the API key: check it'],
  402: ['provider_unavailable', 'asks for payment: check the account'],
  403: ['provider_unavailable', 'does not allow the API key to do this: check its rights'],
  404: ['provider_refused', 'does not know this model or address: check the model name and the base URL'],
  413: ['provider_refused', 'finds the request too large: shorten the conversation'],
};

function isMalformed(error: unknown): boolean {
  return (
    InvalidResponseDataError.isInstance(error) ||
    JSONParseError.isInstance(error) ||
    TypeValidationError.isInstance(error) ||
    NoContentGeneratedError.isInstance(error)
  );
}

function unsupported(provider: string, functionality: string): ValidationError {
  const message = `Provider '${provider}' does not take ${functionality}`;
  return new ValidationError(
    message,
    [{ path: 'input.parts', code: 'unsupported_content', message }],
    'unsupported_content',
  );
}

function withProvider(provider: string, error: AppError): AppError {
  if (error.provider !== undefined) return error;
  if (error.code === 'outbound_response_too_large') return malformed(provider, 'is too large');
  const { category, code, message, retryable, details, retryAfterMs } = error;
  return new AppError(category, code, `Provider '${provider}': ${message}`, {
    retryable,
    details,
    retryAfterMs,
    provider,
  });
}

function appErrorIn(error: unknown): AppError | undefined {
  return causesOf(error).find((cause) => AppError.is(cause));
}

/** Whether the vendor answered with success, which the adapter then could not read: it may say so in an error of no kind. */
function isAnswered(error: unknown): boolean {
  return !APICallError.isInstance(error) || (error.statusCode !== undefined && error.statusCode < 300);
}

/** `ECONNREFUSED`, `UND_ERR_SOCKET` and the like, wherever in the chain of causes. */
function networkCode(error: unknown): string | undefined {
  return causesOf(error)
    .map((cause) => (cause as NodeJS.ErrnoException).code)
    .find((code) => typeof code === 'string');
}

/** The error and what caused it, outermost first. */
function causesOf(error: unknown): object[] {
  const causes: object[] = [];
  for (let cause = error; isObject(cause) && causes.length < 5; cause = (cause as Error).cause) causes.push(cause);
  return causes;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
