import { firstFaults } from '@guildhall/core';
import { type ErrorDetail, ValidationError } from '@guildhall/sdk';

/** One wrong or missing parameter of a request. */
export function wrong(path: string, message: string, code = 'invalid_value'): ValidationError {
  return new ValidationError(message, [{ path, code, message }]);
}

/** A parameter that OpenAI knows, and this model cannot follow. */
export function unsupported(path: string, message: string): ValidationError {
  return new ValidationError(message, [{ path, code: 'unsupported_parameter', message }], 'unsupported_parameter');
}

export function refuseAll(details: readonly ErrorDetail[]): void {
  if (details.length === 0) return;
  const [first] = details;
  if (first && details.length === 1 && first.code !== 'invalid_value') {
    throw new ValidationError(first.message, details, first.code);
  }
  const what = details.length === 1 ? 'One parameter is' : `${details.length} parameters are`;
  throw new ValidationError(`${what} not valid`, firstFaults(details));
}

export type Fields = Readonly<Record<string, unknown>>;

/** Null is absence, as it is for OpenAI. */
export function withoutNulls(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
