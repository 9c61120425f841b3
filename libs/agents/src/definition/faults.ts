import type { ClassConstructor } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { ErrorDetail } from '@guildhall/sdk';
import { instantiate, validationFailed } from '@guildhall/core';

/** Makes an instance with its defaults, and says everything that is wrong with it, in the words of every other route. */
export function validated<T extends object>(
  type: ClassConstructor<T>,
  input: object,
): [value: T, faults: readonly ErrorDetail[]] {
  const value = instantiate(type, input);
  const found = validateSync(value, { whitelist: true, forbidNonWhitelisted: true });
  return [value, found.length === 0 ? [] : (validationFailed(found).details ?? [])];
}
