const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
/** `pg` gives these no code. */
const CONNECTION_MESSAGES =
  /^Connection terminated|timeout exceeded when trying to connect|^Client has encountered a connection error|^Query read timeout|connection is closed/i;

/** The database was away: whether it had committed is unknown, and the same statement may succeed soon. */
export function isConnectionFault(error: unknown): boolean {
  const code = codeOf(error);
  if (NETWORK_CODES.has(code) || /^(08|57P|53300)/.test(code)) return true;
  return error instanceof Error && CONNECTION_MESSAGES.test(error.message);
}

/** Rolled back because of another transaction; nothing of it is left. */
export function isContention(error: unknown): boolean {
  return /^(40|55P03)/.test(codeOf(error));
}

/** Data that cannot be stored, or that breaks a constraint. */
export function isDataFault(error: unknown): boolean {
  return /^(22|23)/.test(codeOf(error));
}
