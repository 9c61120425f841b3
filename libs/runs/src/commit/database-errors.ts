import { isConnectionFailure, isTransient, toAppError } from '@guildhall/core';
import { AppError, type ErrorCategory } from '@guildhall/sdk';

const PASSING: readonly ErrorCategory[] = ['unavailable', 'timeout'];

/** The database cannot be reached or cannot serve; whether it had committed is unknown. The same may succeed soon. */
export function isDatabaseAway(error: unknown): boolean {
  if (AppError.is(error)) return error.code.startsWith('database_');
  const known = toAppError(error);
  return known !== undefined && PASSING.includes(known.category);
}

/** Rolled back because of another transaction; nothing of it is left. */
export function isContention(error: unknown): boolean {
  return isTransient(error) && !isConnectionFailure(error);
}

/** Somebody else holds what it needs, for longer than we wait for a lock. */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '55P03';
}

/** Another attempt of the same keyed request has started its run. */
export function isStartedBefore(error: unknown): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === 'runs_by_request';
}
