import { SettingsError } from '@guildhall/core';
import { AppError } from '@guildhall/sdk';

type Values<T extends readonly Promise<unknown>[]> = { readonly [K in keyof T]: Awaited<T[K]> };

/** Waits for all checks of a start. What several of them find wrong is one error with every fault. */
export async function allFaults<const T extends readonly Promise<unknown>[]>(checks: T): Promise<Values<T>> {
  const results = await Promise.allSettled(checks);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (failures.length === 0) return Promise.all(checks) as Promise<Values<T>>;
  const unknown = failures.find((failure) => !AppError.is(failure) || (failure.details ?? []).length === 0);
  if (unknown !== undefined || failures.length === 1) throw unknown ?? failures[0];
  throw new SettingsError(failures.flatMap((failure) => (failure as AppError).details ?? []));
}
