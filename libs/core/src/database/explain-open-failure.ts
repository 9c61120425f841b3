import { AppError, ConfigurationError, UnavailableError } from '@guildhall/sdk';
import { isConnectionFailure } from './database-error.js';

const REFUSED_LOGIN = ['28P01', '28000', '3D000'];

/** Why the database could not be opened, in words for the operator; the URL's password stays out. */
export function explainOpenFailure(error: unknown, url: string | undefined): unknown {
  if (AppError.is(error)) return error;
  const { code, message } = error as { readonly code?: string; readonly message: string };
  const where = describe(url);
  if (code !== undefined && REFUSED_LOGIN.includes(code)) {
    return new ConfigurationError(`PostgreSQL at ${where} refused the connection: ${message}. Check DATABASE_URL`);
  }
  if (isConnectionFailure(error)) {
    const text = `PostgreSQL at ${where} cannot be reached (${code ?? message}). Is it running, and is DATABASE_URL right?`;
    return new UnavailableError('database_unavailable', text, { cause: error });
  }
  return error;
}

function describe(url: string | undefined): string {
  if (url === undefined || !URL.canParse(url)) return 'DATABASE_URL';
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || 5432}${pathname}`;
}
