import { AppError, type ErrorCategory } from '@guildhall/sdk';

/** What a tool says in these words it knows: it refused, or was refused. */
const ANSWERED: ReadonlySet<ErrorCategory> = new Set([
  'validation',
  'authentication',
  'authorization',
  'not_found',
  'conflict',
  'rate_limit',
  'limit_exceeded',
  'configuration',
]);
/** Time was up, or somebody gave up waiting: `AbortSignal.timeout`, and whatever listens to a signal. */
const GIVEN_UP = new Set(['AbortError', 'TimeoutError']);
/** The connection was there and broke: of Node, undici and HTTP clients over them, and of `pg`. */
const BROKEN = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_ABORTED',
  '08003',
  '08006',
  '08007',
]);
/** `pg` has words only for a server that went away or fell silent. */
const SILENT = /^(Connection terminated unexpectedly|Query read timeout)/;
const MAX_DEPTH = 10;

interface Described {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  /** Of an `AggregateError`: one for each address that was tried. */
  readonly errors?: unknown;
}

/**
 * Whether a call that failed so may have taken effect: it was cut off after it was sent, and nobody heard what became of
 * it. Not so where the tool was not called, could not be reached (refused, unknown host, breaker open), or answered,
 * though it answered that it failed.
 */
export function mayHaveActed(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return false;
  if (AppError.is(error)) {
    if (ANSWERED.has(error.category)) return false;
    if (error.category === 'timeout' || error.category === 'cancelled') return true;
  }
  const { cause, errors } = error as Described;
  if (wasCutOff(error)) return true;
  return [cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])].some((one) => mayHaveActed(one, depth + 1));
}

/** While it connected, nothing was sent. An `AggregateError` repeats the code of its first attempt to connect. */
function wasCutOff({ name, code, syscall, message, errors }: Described): boolean {
  if (syscall === 'connect' || Array.isArray(errors)) return false;
  return GIVEN_UP.has(String(name)) || BROKEN.has(String(code)) || SILENT.test(String(message));
}
