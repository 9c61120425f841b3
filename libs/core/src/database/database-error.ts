import {
  AppError,
  ConflictError,
  type ErrorDetail,
  TimeoutError,
  UnavailableError,
  ValidationError,
} from '@guildhall/sdk';

/** What `pg` says of an error, whether TypeORM wrapped it or not. */
interface DriverError {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly constraint?: unknown;
  readonly message: string;
}

const RETRY_AFTER_MS = 1_000;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);
/** Errors that `pg` and its pool make themselves have words only. */
const CONNECTION_LOST = /^(Connection terminated|Client has encountered a connection error|Client was closed)/;
const POOL_EXHAUSTED = 'timeout exceeded when trying to connect';
const NO_ANSWER = 'Query read timeout';

/** The database could not be reached, or dropped the connection. */
export function isConnectionFailure(error: unknown): boolean {
  const { code, message } = driverError(error);
  return /^(08|57P0)/.test(code) || code === '53300' || NETWORK.has(code) || CONNECTION_LOST.test(message);
}

/** The same statement may well succeed when repeated: lost connections, deadlocks, serialisation failures. */
export function isTransient(error: unknown): boolean {
  const { code } = driverError(error);
  return isConnectionFailure(error) || code === '40001' || code === '40P01';
}

/** The entry itself cannot be stored, today or ever: out of range, too deep, against a constraint. The database is well. */
export function isFaultOfEntry(error: unknown): boolean {
  return /^(22|23|44|54|P0)/.test(driverError(error).code);
}

/** What may be told of a fault without its data: the database's code for it, and the constraint that was broken. */
export function faultOf(error: unknown): { readonly code: string; readonly constraint?: string } {
  const { code, constraint } = driverError(error);
  return constraint === '' ? { code } : { code, constraint };
}

/** An error of the database in words for a caller; undefined for a fault of ours, and for any other error. */
export function toAppError(error: unknown): AppError | undefined {
  if (AppError.is(error)) return error;
  const { code, detail, message } = driverError(error);
  if (code === '23505') return duplicate(detail, error);
  if (code === '23503') return brokenReference(detail, error);
  if (code === '22021' || code === '22P05') return unstorableText();
  if (code === '57014' || message === NO_ANSWER) {
    return new TimeoutError('database_timeout', 'The database took too long to answer', { cause: error });
  }
  if (isTransient(error) || isOverload(code, message)) {
    const options = { cause: error, retryAfterMs: RETRY_AFTER_MS };
    return new UnavailableError('database_unavailable', 'The database cannot serve this now; try again', options);
  }
  return undefined;
}

/** Out of connections, memory, disk, or held by somebody else; or a standby that takes no writes. */
function isOverload(code: string, message: string): boolean {
  return message === POOL_EXHAUSTED || code.startsWith('53') || ['55P03', '25P03', '25006', '58030'].includes(code);
}

function duplicate(detail: string, cause: unknown): AppError {
  const fields = fieldsOf(detail);
  const list = fields.length === 0 ? 'these values' : `this ${fields.join(' and ')}`;
  const details = fields.map((path): ErrorDetail => ({ path, code: 'duplicate', message: 'Use another value' }));
  return new ConflictError('duplicate_record', `A record with ${list} exists already`, { cause, details });
}

function brokenReference(detail: string, cause: unknown): AppError {
  if (detail.includes('is still referenced')) {
    return new ConflictError('still_referenced', 'The record is still in use by others; remove these first', { cause });
  }
  const details = fieldsOf(detail).map((path): ErrorDetail => ({
    path,
    code: 'invalid_reference',
    message: 'Use the id of a record that exists',
  }));
  return new ValidationError('The input names a record that does not exist', details, 'invalid_reference');
}

function unstorableText(): AppError {
  return new ValidationError('A text holds a character that cannot be stored; remove U+0000 and lone surrogates');
}

/** `Key (tenant_id, user_name)=(…) already exists.` → `userName`: names only, the values are the caller's own. */
function fieldsOf(detail: string): string[] {
  const columns = /^Key \(([^)]*)\)=/.exec(detail)?.[1]?.split(', ') ?? [];
  return columns
    .filter((column) => /^[a-z_]+$/.test(column) && column !== 'tenant_id')
    .map((column) => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

function driverError(error: unknown): { code: string; detail: string; message: string; constraint: string } {
  const inner = (error as { driverError?: unknown } | undefined)?.driverError ?? error;
  if (typeof inner !== 'object' || inner === null) return { code: '', detail: '', message: '', constraint: '' };
  const { code, detail, message, constraint } = inner as DriverError;
  return {
    code: typeof code === 'string' ? code : '',
    detail: typeof detail === 'string' ? detail : '',
    message: typeof message === 'string' ? message : '',
    constraint: typeof constraint === 'string' ? constraint : '',
  };
}
