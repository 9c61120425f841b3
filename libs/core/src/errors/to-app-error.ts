import { AppError, CancelledError } from '@guildhall/sdk';
import { toAppError as fromDatabase } from '../database/database-error.js';
import { Errors } from './errors.js';
import { fromFramework } from './framework-errors.js';

/** Whatever was thrown, as the error that the client gets. `reason` is why the request's signal aborted, if it did. */
export function toAppError(thrown: unknown, reason?: unknown): AppError {
  if (AppError.is(thrown)) return thrown;
  if (isAbort(thrown)) return AppError.is(reason) ? reason : new CancelledError('The request was cancelled');
  return fromFramework(thrown) ?? fromDatabase(thrown) ?? Errors.internal(thrown);
}

/** Also what Node says of a request whose sender has gone. */
function isAbort(thrown: unknown): boolean {
  const { name, code, message } = (thrown ?? {}) as { name?: unknown; code?: unknown; message?: unknown };
  return name === 'AbortError' || (code === 'ECONNRESET' && message === 'aborted');
}
